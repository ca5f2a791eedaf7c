import { durationToMs, SECOND } from '../contract/duration.js';
import type { MessageDeliveryInput } from '../contract/input.js';
import { MAX_TTL_MS } from '../contract/rbm.js';

/** A point in time: milliseconds since the epoch. */
export type Instant = number;

/** What the caller asked for, with every default filled in. Never changes while the delivery runs. */
export interface Plan {
  readonly input: MessageDeliveryInput;
  readonly startedAt: Instant;
  /** When the message is to be taken back; `changeExpiry` may move it (see expiresAt in ./evidence.ts). */
  readonly expiresAt: Instant;
  readonly whenUncertain: 'send' | 'hold';
  readonly strategy: 'agent' | 'platform';
  /** All in milliseconds. */
  readonly grace: number;
  readonly budget: number;
  readonly holdTimeout: number;
  readonly deadMansSwitch: number;
  readonly ttlEventTimeout: number;
  readonly smsSendTimeout: number;
  readonly smsReceiptTimeout: number;
}

/** The defaults of every duration; docs/policy.md gives the reason of each. */
export const DEFAULTS = {
  grace: '5s',
  budget: '30s',
  holdTimeout: '3600s',
  deadMansSwitch: '60s',
  ttlEventTimeout: '15s',
  smsSendTimeout: '3600s',
  smsReceiptTimeout: '3600s',
} as const;

export function planFor(input: MessageDeliveryInput, startedAt: Instant): Plan {
  const { revocation = {}, fallback } = input;
  const ms = (given: string | undefined, name: keyof typeof DEFAULTS) => durationToMs(given ?? DEFAULTS[name]);
  return {
    input,
    startedAt,
    expiresAt: input.ttl === undefined ? Date.parse(input.expireTime ?? '') : startedAt + durationToMs(input.ttl),
    // Google's own split (RBM "Send messages"): critical messages go out twice rather than never, others rather wait.
    whenUncertain: fallback?.whenUncertain ?? (input.messageTrafficType === 'PROMOTION' ? 'hold' : 'send'),
    strategy: revocation.strategy ?? 'agent',
    grace: Math.min(ms(revocation.grace, 'grace'), ms(revocation.budget, 'budget')),
    budget: ms(revocation.budget, 'budget'),
    holdTimeout: ms(revocation.holdTimeout, 'holdTimeout'),
    deadMansSwitch: ms(revocation.deadMansSwitch, 'deadMansSwitch'),
    ttlEventTimeout: ms(revocation.ttlEventTimeout, 'ttlEventTimeout'),
    smsSendTimeout: ms(fallback?.sms.sendTimeout, 'smsSendTimeout'),
    smsReceiptTimeout: ms(fallback?.sms.receiptTimeout, 'smsReceiptTimeout'),
  };
}

/**
 * The expireTime that RBM gets. Strategy `agent`: a little later than ours, a dead man's switch that takes the message
 * back even if all of this system is down. RBM allows at most 15 days.
 */
export function platformExpiry(plan: Plan, expiresAt: Instant): Instant {
  if (plan.strategy === 'platform') return expiresAt;
  return Math.max(expiresAt, Math.min(expiresAt + plan.deadMansSwitch, plan.startedAt + MAX_TTL_MS));
}

/** How long one DELETE may take: several must fit into the budget, so that a hanging one leaves time for another. */
export function revokeTimeout({ budget, grace }: Plan): number {
  return Math.min(10 * SECOND, Math.max(SECOND, (budget - grace) / 2));
}

/** Strategy `platform`: how long to wait at expiry for RBM's own revocation, leaving room for one of ours. */
export function platformHeadStart(plan: Plan): number {
  if (plan.strategy === 'agent') return 0;
  return Math.min(plan.ttlEventTimeout, revokeHeadroom(plan));
}

/** How long the first DELETE may be put off so that it and its grace still fit into the budget. */
export function revokeHeadroom(plan: Plan): number {
  return Math.max(0, plan.budget - plan.grace - revokeTimeout(plan));
}
