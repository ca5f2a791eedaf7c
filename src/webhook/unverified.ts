import type { Edge } from './edge.js';
import { WebhookError } from './webhook-error.js';
import type { Source } from './webhook-metrics.js';

/** How often a wrong signature is worth a line: anybody can send one. */
const LOG_EVERY_MS = 60_000;

/** Counts a call that is not provably its sender's, and makes the error that answers it. */
export type Refuse = (verdict: 'unsigned' | 'malformed' | 'forbidden') => WebhookError;

/** The line is for the operator who rotated a token wrongly: until it is put right, every event comes again and again. */
export function createRefusal({ metrics, log }: Edge, source: Source): Refuse {
  let lastLogged = -Infinity;
  return (verdict) => {
    metrics.event(source, verdict === 'forbidden' ? 'handshake' : 'unverified', verdict);
    if (performance.now() - lastLogged > LOG_EVERY_MS) {
      lastLogged = performance.now();
      log.warn({ source, verdict }, 'calls without a right signature or token are refused');
    }
    return new WebhookError(CODES[verdict]);
  };
}

const CODES = {
  unsigned: 'SIGNATURE_INVALID',
  malformed: 'MALFORMED',
  forbidden: 'CLIENT_TOKEN_INVALID',
} as const;
