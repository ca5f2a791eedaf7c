import type { LogLevel } from '../config/shared-variables.js';
import { createLogger, type Logger } from '../observability/logger.js';
import { logWarnings } from '../observability/log-warnings.js';

/** The logger of a process. From now on Node's own warnings are log lines too. */
export function startLogging(role: string, level: LogLevel): Logger {
  const logger = createLogger({ level, role });
  logWarnings(logger);
  return logger;
}
