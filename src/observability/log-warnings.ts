import type { Logger } from './logger.js';

/** Google's library, for each access token that it looks for on a machine that isn't Google's. The token's absence is told. */
const EXPECTED = 'MetadataLookupWarning';

/** Node's warnings (deprecations, a library's words) become log lines, instead of loose text on stderr. */
export function logWarnings(logger: Logger): void {
  process.removeAllListeners('warning');
  process.on('warning', ({ name, message }) => {
    logger[name === EXPECTED ? 'debug' : 'warn']({ warning: name, reason: message }, 'process warning');
  });
}
