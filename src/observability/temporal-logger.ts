import { ApplicationFailure } from '@temporalio/common';
import { DefaultLogger, type LogEntry, type LogLevel, type RuntimeOptions } from '@temporalio/worker';
import { FailureType } from '../contract/failures.js';
import type { Logger } from './logger.js';

const LEVELS = { trace: 'TRACE', debug: 'DEBUG', info: 'INFO', warn: 'WARN', error: 'ERROR' } as const;

/** Options for Runtime.install. */
export interface TemporalLogging {
  readonly logger: DefaultLogger;
  readonly telemetryOptions: Pick<NonNullable<RuntimeOptions['telemetryOptions']>, 'logging'>;
}

/**
 * Sends the logs of Temporal's core, worker, workflows (not during replay) and activities to `logger`, with ids as fields.
 * Two kinds become DEBUG: the SDK's lifecycle lines, and expected failures of activity attempts. Metrics and each delivery
 * show those failures, and an outage of RBM would log a stack trace per delivery and attempt.
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

/** Never DEBUG or TRACE: at these levels the core logs updates' arguments and whole histories, encoded but readable. */
const coreLevel = (level: LogLevel): LogLevel => (level === 'DEBUG' ? 'INFO' : level === 'INFO' ? 'WARN' : level);

/** Never TRACE: at this level the SDK logs the contents of signals and updates. */
function temporalLevel(level: string): LogLevel {
  if (level === 'trace') return 'DEBUG';
  return Object.entries(LEVELS).find(([name]) => name === level)?.[1] ?? 'INFO';
}

function quieter(entry: LogEntry): LogEntry {
  const { level, message, meta = {} } = entry;
  if ('taskEncoded' in meta) return withoutTask(entry);
  const { error, ...ids } = meta;
  if (message === 'Activity failed' && error instanceof ApplicationFailure && isExpected(error)) {
    return { ...entry, level: 'DEBUG', meta: { ...ids, failure: error.type, reason: error.message } };
  }
  // The worker has task queues that are for activities only.
  if (message === 'No workflows registered, not polling for workflow tasks') return { ...entry, level: 'DEBUG' };
  const isLifecycle = level === 'INFO' && ['worker', 'core'].includes(String(meta['sdkComponent']));
  return isLifecycle ? { ...entry, level: 'DEBUG' } : entry;
}

/** The SDK logs a whole task that it could not read, and the reason, which may quote it. Both may be in cleartext. */
function withoutTask({ meta, ...entry }: LogEntry): LogEntry {
  const ids = Object.entries(meta ?? {}).filter(([name]) => !['task', 'taskEncoded', 'error'].includes(name));
  const { error } = meta ?? {};
  const failure = error instanceof ApplicationFailure ? error.type : error instanceof Error ? error.name : undefined;
  const message = 'Could not read the input of an activity';
  return { ...entry, message, meta: { ...Object.fromEntries(ids), failure } };
}

/** Whether this project's activities threw it. Then its message holds no personal data and no secret. */
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
