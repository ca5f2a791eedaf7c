import type { LogLevel } from '../config/log-level.js';
import { nodeWarning } from '../config/node-version.js';
import { createLogger, type Logger } from '../observability/logger.js';
import { logWarnings } from '../observability/log-warnings.js';

interface LoggingConfig {
  readonly logLevel: LogLevel;
  /** Sentences about the configuration, each logged once. */
  readonly warnings: readonly string[];
}

/** The logger of a process. From now on Node's own warnings are log lines too, and one tells of an outdated Node.js. */
export function startLogging(role: string, { logLevel: level, warnings }: LoggingConfig): Logger {
  const logger = createLogger({ level, role });
  logWarnings(logger);
  for (const warning of [nodeWarning(), ...warnings]) if (warning !== undefined) logger.warn(warning);
  return logger;
}
