import { SECOND } from '../contract/duration.js';
import type { Facts, LateWake } from './delivery.js';
import { revokeTimeout, type Instant, type Plan } from './plan.js';
import { confirmation, isHeld } from './rcs.js';

/** The time limit of one HTTP request. The activity around it has MARGIN more. Milliseconds. */
export const REQUEST_TIMEOUT = 10 * SECOND;
export const MARGIN = 2 * SECOND;
/** A request that takes long heartbeats every second. Without one for this long, its worker is gone. Milliseconds. */
export const HEARTBEAT_TIMEOUT = 3 * SECOND;
/**
 * After this long in the task queue an SMS request is decided again: a DELIVERED may have come since (G3).
 * Milliseconds.
 */
export const SMS_START = 10 * SECOND;

/** A wait that ends more than this after it was due shows an outage or a backlog. Milliseconds. */
export const LATE = 5 * SECOND;

/** How often an outage makes a wait start over. Limited, since the decision must come (G1, G5). */
const MOST_RESTARTS = 3;

/** The outages since `since` that count: those that made Temporal itself late. */
function outages({ lateWakes }: Pick<Facts, 'lateWakes'>, since: Instant): readonly LateWake[] {
  return lateWakes.filter(({ at, outage }) => at >= since && outage > LATE).slice(0, MOST_RESTARTS);
}

/** When the last outage since `since` ended; -Infinity if there was none. */
export const outageEndedAt = (facts: Pick<Facts, 'lateWakes'>, since: Instant): Instant =>
  outages(facts, since).at(-1)?.at ?? -Infinity;

/**
 * When the delivery went on after it had been late: at its first late wait in a backlog, at its last one after outages. One
 * DELETE and its grace still fit after that. In a backlog every wait is late, so later ones add no time.
 */
export function resumedAt(facts: Pick<Facts, 'lateWakes'>, since: Instant): Instant {
  const first = facts.lateWakes.find(({ at }) => at >= since)?.at ?? -Infinity;
  return Math.max(first, outageEndedAt(facts, since));
}

/** RBM's longest pause between two attempts to post an event (RBM "Webhooks"). Milliseconds. */
const LONGEST_EVENT_PAUSE = 600 * SECOND;

/**
 * Until when events of the outages since `since` may still be on their way; -Infinity if there were none. RBM repeats an
 * event after pauses that double, so after an outage the next attempt comes within about the outage's length. Google does
 * not give the factor, so twice that. `longest` limits the wait, in milliseconds.
 */
export function eventsMayComeUntil(facts: Pick<Facts, 'lateWakes'>, since: Instant, longest: number): Instant {
  const ends = outages(facts, since).map(({ at, outage }) => at + Math.min(2 * outage, LONGEST_EVENT_PAUSE, longest));
  return Math.max(-Infinity, ...ends);
}

/**
 * Whether it makes a difference now if a wait ended late by an outage or in a backlog. It does not for an SMS with a
 * deadline before its DELETE: that is sent at once in both.
 */
export function outageMatters({ rcs, sms }: Facts, plan: Plan): boolean {
  return isHeld(rcs, plan) || confirmation(rcs) !== undefined || sms.requestedAt !== undefined;
}

/** The latest time by which the running action should have answered. Infinity if none is running, or only a create. */
export function answerDueAt({ rcs, sms }: Facts, plan: Plan): Instant {
  const deleteDueAt = (rcs.deletingSince ?? Infinity) + revokeTimeout(plan) + MARGIN;
  const smsDueAt = (sms.underWay?.since ?? Infinity) + SMS_START + REQUEST_TIMEOUT + MARGIN;
  return Math.min(deleteDueAt, smsDueAt);
}
