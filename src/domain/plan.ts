import { durationToMs, SECOND } from '../contract/duration.js';
import type { MessageDeliveryInput } from '../contract/input.js';
import { POLICY_DEFAULTS, trafficPolicy } from '../contract/policy.js';
import { MAX_TTL_MS } from '../contract/rbm.js';
import { workflowQueueFor } from '../contract/task-queues.js';
import { fractionOf } from './fraction.js';

/** A point in time: milliseconds since the epoch. */
export type Instant = number;

/** RFC 3339, with milliseconds. */
export const toTime = (at: Instant): string => new Date(at).toISOString();

/** What the caller asked for, with every default filled in. It never changes while the delivery runs. */
export interface Plan {
  readonly input: MessageDeliveryInput;
  readonly startedAt: Instant;
  /**
   * When the message expires, as the caller asked. `changeExpiry` may move it: {@link Rcs.expiresAt} is what counts.
   */
  readonly expiresAt: Instant;
  /** When the delivery stops waiting for RBM to accept the message; Infinity: never. */
  readonly acceptBy: Instant;
  /** An opt-out of the person stops the message. For a message without a traffic type, {@link Rcs.honorsOptOut} counts. */
  readonly honorsOptOut: boolean;
  readonly whenUncertain: 'send' | 'hold';
  readonly strategy: 'agent' | 'platform';
  /** All in milliseconds; src/contract/policy.ts says what each is for. */
  readonly grace: number;
  readonly budget: number;
  readonly holdTimeout: number;
  readonly deadMansSwitch: number;
  readonly ttlEventTimeout: number;
  /** How long after the expiry this delivery's revocation begins, so that many with one expiry are spread. */
  readonly spreadDelay: number;
  /** The first create is a local activity, within the workflow task. Not for promotions: a herd would take every slot. */
  readonly startsLocally: boolean;
  readonly smsValidity: number;
  readonly smsReceiptTimeout: number;
}

export function planFor(input: MessageDeliveryInput, startedAt: Instant): Plan {
  const { revocation = {}, fallback, messageTrafficType: type } = input;
  const byType = trafficPolicy(type);
  // Without a fallback there is nothing better to do than to go on.
  const acceptanceTimeout = input.acceptanceTimeout ?? (fallback && byType.acceptanceTimeout);
  const ms = (given: string | undefined, name: keyof typeof POLICY_DEFAULTS) =>
    durationToMs(given ?? POLICY_DEFAULTS[name]);
  const plan = {
    input,
    startedAt,
    expiresAt: input.ttl === undefined ? Date.parse(input.expireTime ?? '') : startedAt + durationToMs(input.ttl),
    acceptBy: acceptanceTimeout == null ? Infinity : startedAt + durationToMs(acceptanceTimeout),
    honorsOptOut: byType.optOut === 'always' || (byType.optOut === 'ifAsked' && input.honorOptOut === true),
    whenUncertain: fallback?.whenUncertain ?? byType.whenUncertain,
    strategy: revocation.strategy ?? POLICY_DEFAULTS.strategy,
    grace: Math.min(ms(revocation.grace, 'grace'), ms(revocation.budget, 'budget')),
    budget: ms(revocation.budget, 'budget'),
    holdTimeout: ms(revocation.holdTimeout, 'holdTimeout'),
    deadMansSwitch: ms(revocation.deadMansSwitch, 'deadMansSwitch'),
    ttlEventTimeout: ms(revocation.ttlEventTimeout, 'ttlEventTimeout'),
    smsValidity: durationToMs(fallback?.sms.validity ?? byType.smsValidity),
    smsReceiptTimeout: ms(fallback?.sms.receiptTimeout, 'smsReceiptTimeout'),
    startsLocally: workflowQueueFor(type) === 'workflows',
  };
  const spread = Math.min(durationToMs(revocation.spread ?? byType.spread), longestSpread(plan));
  return { ...plan, spreadDelay: Math.floor(spread * fractionOf(input.messageId)) };
}

/**
 * The expireTime that RBM gets. Strategy `agent`: a little later than the expiry, a dead man's switch that revokes the
 * message if this whole system is down; at most 15 days after the start. Strategy `platform`: the expiry itself.
 */
export function platformExpiry(plan: Plan, expiresAt: Instant): Instant {
  if (plan.strategy === 'platform') return expiresAt;
  return Math.max(expiresAt, Math.min(expiresAt + plan.deadMansSwitch, plan.startedAt + MAX_TTL_MS));
}

/**
 * The time limit of one DELETE, 1 to 10 s. Two fit into a budget that is long enough, so that a hanging one leaves time
 * for another. Milliseconds.
 */
export function revokeTimeout({ budget, grace }: Pick<Plan, 'budget' | 'grace'>): number {
  return Math.min(10 * SECOND, Math.max(SECOND, (budget - grace) / 2));
}

/** How long the first DELETE may be put off so that it and its grace still fit into the budget. Milliseconds. */
export function revokeHeadroom(plan: Pick<Plan, 'budget' | 'grace'>): number {
  return Math.max(0, plan.budget - plan.grace - revokeTimeout(plan));
}

/** A revocation begins within the budget, and before RBM revokes the message itself. Milliseconds. */
function longestSpread(plan: Omit<Plan, 'spreadDelay'>): number {
  const ownSwitch = plan.strategy === 'agent' ? Math.max(0, plan.deadMansSwitch - revokeTimeout(plan)) : Infinity;
  return Math.min(revokeHeadroom(plan), ownSwitch);
}

/** Strategy `platform`: how long the first DELETE waits for RBM's own revocation at the expiry. Milliseconds. */
export function platformHeadStart(plan: Plan): number {
  return plan.strategy === 'agent' ? 0 : Math.min(plan.ttlEventTimeout, revokeHeadroom(plan));
}

/**
 * What a request says about opt-outs. A message without a traffic type has its agent's, which only the worker's
 * configuration knows, so the request leaves it open.
 */
export const optOutAsked = ({ input, honorsOptOut }: Plan): { readonly honorOptOut?: boolean } =>
  input.messageTrafficType === undefined && !honorsOptOut ? {} : { honorOptOut: honorsOptOut };
