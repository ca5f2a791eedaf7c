import { ApplicationFailure } from '@temporalio/common';
import { DefaultLogger, type LogEntry, type LogLevel, type RuntimeOptions } from '@temporalio/worker';
import { FailureType } from '../contract/failures.js';
import type { Logger } from './logger.js';

const LEVELS = { trace: 'TRACE', debug: 'DEBUG', info: 'INFO', warn: 'WARN', error: 'ERROR' } as const;

/** A part of Runtime.install's options. */
export interface TemporalLogging {
  readonly logger: DefaultLogger;
  readonly telemetryOptions: Pick<NonNullable<RuntimeOptions['telemetryOptions']>, 'logging'>;
}

/**
 * Sends the logs of Temporal's SDK core, of the worker, of workflows (on their first run only, not on replay) and of
 * activities into `logger`, with their ids as fields. Two kinds of lines are quieter than the SDK has them: what it says of
 * its own life, and each attempt of an activity that failed as it may. Metrics and the delivery itself tell of those, and
 * an outage of RBM would fill the log with one stack per delivery and attempt.
 */
export function temporalLogging(logger: Logger): TemporalLogging {
  const level = temporalLevel(logger.level);
  return {
    logger: new DefaultLogger(level, (entry) => {
      write(logger, quieter(entry));
    }),
    telemetryOptions: { logging: { forward: {}, filter: { core: coreLevel(level), other: 'ERROR' } } },
  };
}

/** Never DEBUG or TRACE: there the core writes out the arguments of updates and whole histories, encoded but readable. */
const coreLevel = (level: LogLevel): LogLevel => (level === 'DEBUG' ? 'INFO' : level === 'INFO' ? 'WARN' : level);

/** Never TRACE: there the SDK writes out what signals and updates hold. */
function temporalLevel(level: string): LogLevel {
  if (level === 'trace') return 'DEBUG';
  return Object.entries(LEVELS).find(([name]) => name === level)?.[1] ?? 'INFO';
}

function quieter(entry: LogEntry): LogEntry {
  const { level, message, meta = {} } = entry;
  const { error, ...ids } = meta;
  if (message === 'Activity failed' && error instanceof ApplicationFailure && isExpected(error)) {
    return { ...entry, level: 'DEBUG', meta: { ...ids, failure: error.type, reason: error.message } };
  }
  const isLifecycle = level === 'INFO' && ['worker', 'core'].includes(String(meta['sdkComponent']));
  return isLifecycle ? { ...entry, level: 'DEBUG' } : entry;
}

/** One of ours, whose message names no person and no secret. */
const isExpected = ({ type }: ApplicationFailure) => Object.values<unknown>(FailureType).includes(type);

function write(logger: Logger, { level, message, meta }: LogEntry): void {
  const fields = { ...meta };
  switch (level) {
    case 'TRACE':
      logger.trace(fields, message);
      return;
    case 'DEBUG':
      logger.debug(fields, message);
      return;
    case 'INFO':
      logger.info(fields, message);
      return;
    case 'WARN':
      logger.warn(fields, message);
      return;
    case 'ERROR':
      logger.error(fields, message);
      return;
  }
}
