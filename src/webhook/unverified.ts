import { sparsely } from '../observability/sparsely.js';
import type { Edge } from './edge.js';
import { WebhookError } from './webhook-error.js';
import type { Source } from './webhook-metrics.js';

/** Counts a call that is not provably its sender's, and makes the error that answers it. */
export type Refuse = (verdict: Verdict) => WebhookError;
type Verdict = 'unsigned' | 'malformed' | 'forbidden';

/** The line is for the operator who rotated a token wrongly: until it is put right, every event comes again and again. */
export function createRefusal({ metrics, log }: Edge, source: Source): Refuse {
  const warning = (verdict: Verdict) =>
    sparsely((leftOut) => {
      log.warn({ source, verdict, leftOut }, 'calls without a right signature or token are refused');
    });
  // One each: what anybody sends must not hide what a wrong token does.
  const warn = { unsigned: warning('unsigned'), malformed: warning('malformed'), forbidden: warning('forbidden') };
  return (verdict) => {
    metrics.event(source, verdict === 'forbidden' ? 'handshake' : 'unverified', verdict);
    warn[verdict]();
    return new WebhookError(CODES[verdict]);
  };
}

const CODES = {
  unsigned: 'SIGNATURE_INVALID',
  malformed: 'MALFORMED',
  forbidden: 'CLIENT_TOKEN_INVALID',
} as const;
