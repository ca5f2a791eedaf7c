import type { Logger } from './logger.js';

/** google-auth-library's warning on a machine that is not Google's. A missing access token is reported elsewhere. */
const EXPECTED = 'MetadataLookupWarning';

/** Logs Node's process warnings, such as deprecations, which Node would write to stderr as plain text. */
export function logWarnings(logger: Logger): void {
  process.removeAllListeners('warning');
  process.on('warning', ({ name, message }) => {
    logger[name === EXPECTED ? 'debug' : 'warn']({ warning: name, reason: message }, 'process warning');
  });
}
