import { z } from 'zod';
import { variable } from './variable.js';

const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/** The names of levels in other loggers, and in syslog, and our nearest level. */
const NEAREST: Readonly<Record<string, LogLevel>> = {
  all: 'trace',
  silly: 'trace',
  finest: 'trace',
  verbose: 'debug',
  fine: 'debug',
  dbg: 'debug',
  information: 'info',
  informational: 'info',
  notice: 'info',
  http: 'info',
  log: 'info',
  default: 'info',
  warning: 'warn',
  wrn: 'warn',
  err: 'error',
  severe: 'error',
  fatal: 'error',
  crit: 'error',
  critical: 'error',
  alert: 'error',
  emerg: 'error',
  emergency: 'error',
  panic: 'error',
  silent: 'error',
  quiet: 'error',
  off: 'error',
  none: 'error',
};

function nearest(given: string): LogLevel | undefined {
  const name = given.toLowerCase();
  return LOG_LEVELS.find((level) => level === name) ?? (Object.hasOwn(NEAREST, name) ? NEAREST[name] : undefined);
}

const list = LOG_LEVELS.join(', ');

/** A wrong level never keeps a role from starting. */
export const LOG_LEVEL = variable(
  z
    .string()
    .transform((given) => nearest(given) ?? 'info')
    .prefault('info'),
  {
    description:
      'The lowest severity that is logged. For a level that other programs have, such as `warning` or `fatal`, the nearest one is taken.',
    must: `must be one of ${list}`,
    warning: (given) => (nearest(given) === undefined ? `LOG_LEVEL must be one of ${list}; info is used` : undefined),
  },
);
