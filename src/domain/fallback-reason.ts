import { FALLBACK_REASONS, type FallbackReason } from '../contract/status.js';
import { endReasonOf } from './end-reason.js';
import type { Evidence } from './evidence.js';
import type { Instant } from './plan.js';
import { confirmation, mayGetThrough } from './rcs.js';
import type { Rcs } from './rcs-facts.js';

/** Why the SMS was requested. The first request decides it, by what was known of the RCS leg then. */
export function evolveFallbackReason(
  known: FallbackReason | undefined,
  rcs: Rcs,
  item: Evidence,
): FallbackReason | undefined {
  return known ?? (item.kind === 'smsRequested' ? fallbackReasonOf(rcs, item.at) : undefined);
}

/** `unconfirmed` comes before the reason for the revocation: it is the one case in which both messages may arrive. */
export function fallbackReasonOf(rcs: Rcs, now: Instant): FallbackReason | undefined {
  if (mayGetThrough(rcs) && confirmation(rcs) === undefined) return 'unconfirmed';
  const reason = endReasonOf(rcs, now);
  return FALLBACK_REASONS.find((one) => one === reason);
}
