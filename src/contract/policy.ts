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
  /** How long to wait for the SMS receipt. */
  smsReceiptTimeout: '3600s',
} as const;

/** The defaults that depend on the traffic type. */
export interface TrafficPolicy {
  /** What to do if the revocation stays unconfirmed. Google splits traffic the same way (RBM "Send messages"). */
  readonly whenUncertain: 'send' | 'hold';
  /** By when RBM must have accepted a message that has a fallback, from the start; null: by its expiry. */
  readonly acceptanceTimeout: string | null;
  /** How long the SMS is of use, from its first request. */
  readonly smsValidity: string;
  /** Whether an opt-out stops the message: always, never, or only if the caller asks for that (`honorOptOut`). */
  readonly optOut: 'always' | 'never' | 'ifAsked';
  /** Over how long revocations with one expiry are spread. */
  readonly spread: string;
  /** Temporal's priority key among workflows and activities that wait for a worker: 1 goes first, 5 last. */
  readonly priority: 1 | 2 | 3 | 4 | 5;
}

const NOTICE: TrafficPolicy = {
  whenUncertain: 'send',
  acceptanceTimeout: '120s',
  smsValidity: '14400s',
  optOut: 'ifAsked',
  spread: '0s',
  priority: 2,
};

const TRAFFIC_POLICY: Readonly<Record<MessageTrafficType, TrafficPolicy>> = {
  AUTHENTICATION: {
    whenUncertain: 'send',
    acceptanceTimeout: '20s',
    smsValidity: '600s',
    optOut: 'never',
    spread: '0s',
    priority: 1,
  },
  TRANSACTION: NOTICE,
  PROMOTION: {
    whenUncertain: 'hold',
    acceptanceTimeout: null,
    smsValidity: '14400s',
    optOut: 'always',
    spread: '15s',
    priority: 5,
  },
  SERVICEREQUEST: NOTICE,
  ACKNOWLEDGEMENT: { ...NOTICE, priority: 3 },
};

/** The defaults of a message of this type. One without a type is treated like a TRANSACTION. */
export const trafficPolicy = (type: MessageTrafficType | undefined): TrafficPolicy =>
  TRAFFIC_POLICY[type ?? 'TRANSACTION'];
