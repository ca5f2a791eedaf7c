import type { Logger } from './logger.js';

/** Node's warnings (deprecations, a library's words) become log lines, instead of loose text on stderr. */
export function logWarnings(logger: Logger): void {
  process.removeAllListeners('warning');
  process.on('warning', ({ name, message }) => {
    logger.warn({ warning: name, reason: message }, 'process warning');
  });
}
