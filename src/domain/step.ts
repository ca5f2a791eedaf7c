import type { Outcome, Phase } from '../contract/status.js';
import type { CreateAttempts } from './evidence.js';
import type { Instant } from './plan.js';

/** What the decider says: the phase and the next step, or the outcome once the delivery has settled. */
export type Decision = { readonly phase: Phase; readonly step: Step } | Settled;

export interface Settled {
  readonly outcome: Outcome;
}

/** One thing to do: start an action, or wait. */
export type Step = Action | Wait;

export type Action =
  /**
   * Create the agentMessage. `until` is when no further attempt starts; `platformExpiresAt` becomes RBM's expireTime.
   */
  | {
      readonly do: 'send';
      readonly how: CreateAttempts;
      readonly until: Instant;
      readonly platformExpiresAt: Instant;
    }
  | { readonly do: 'stopSending' }
  /** After a reset: look up what the runs before had learned. */
  | { readonly do: 'lookBack' }
  /** RBM has not accepted the message by `due`: nothing more is created. Costs no event. */
  | { readonly do: 'giveUpAcceptance'; readonly due: Instant }
  /**
   * DELETE the agentMessage. `timeout` of the request, and `startWithin`, how long it may wait for a worker (null: without
   * an end), in milliseconds.
   */
  | { readonly do: 'revoke'; readonly timeout: number; readonly startWithin: number | null }
  | { readonly do: 'sendSms' }
  | { readonly do: 'stopSms' }
  /** Ask the SMS provider about an unanswered request. Messages from before `sentAfter` belong to somebody else. */
  | { readonly do: 'reconcileSms'; readonly sentAfter: Instant };

/** Wait for new evidence, and for the time unless it is null. */
export interface Wait {
  readonly do: 'wait';
  readonly until: Instant | null;
}

/** A wait until that time. Infinity: for evidence alone. */
export const waitUntil = (until: Instant): Wait => ({ do: 'wait', until: until === Infinity ? null : until });

export const waitForEvidence: Wait = { do: 'wait', until: null };

export const settle = (outcome: Outcome): Settled => ({ outcome });

/** True if both decisions are to wait until the same time: then the wait that is under way goes on. */
export function isSameWait(one: Decision, other: Decision): boolean {
  if ('outcome' in one || 'outcome' in other) return false;
  return one.step.do === 'wait' && other.step.do === 'wait' && one.step.until === other.step.until;
}
