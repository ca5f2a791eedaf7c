import type { MessageTrafficType } from './rbm.js';

/**
 * Every default of a delivery's policy. The schema's texts, docs/policy.md and the head of docs/decision-table.md are
 * generated from here; each value's reason stands in docs/policy.md.
 */
export const POLICY_DEFAULTS = {
  /** Who revokes at the expiry: `agent`, this workflow by DELETE; `platform`, RBM by its own expireTime. */
  strategy: 'agent',
  /** How long to wait for a late DELIVERED after a revocation. */
  grace: '5s',
  /** The revocation budget: the longest time from the expiry to the decision on the fallback. */
  budget: '30s',
  /** How long to keep revoking before the outcome is UNCERTAIN, under `hold` or when no SMS is wanted. */
  holdTimeout: '3600s',
  /** Strategy `agent`: how much later than the expiry RBM's expireTime is. */
  deadMansSwitch: '60s',
  /** Strategy `platform`: how long to wait at the expiry for RBM's TTL event. */
  ttlEventTimeout: '15s',
  /** How long a failing SMS is tried again. */
  smsSendTimeout: '3600s',
  /** How long to wait for the SMS receipt. */
  smsReceiptTimeout: '3600s',
} as const;

/** For these traffic types no message is better than two. For all others, and without a type, two are better. */
export const HELD_TRAFFIC_TYPES: readonly MessageTrafficType[] = ['PROMOTION'];

/** The default of `fallback.whenUncertain`. Google splits traffic the same way (RBM "Send messages", revocation). */
export function whenUncertainFor(messageTrafficType: MessageTrafficType | undefined): 'send' | 'hold' {
  return HELD_TRAFFIC_TYPES.some((type) => type === messageTrafficType) ? 'hold' : 'send';
}
