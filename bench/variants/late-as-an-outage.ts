import type { Facts } from '../../src/domain/delivery.js';
import type { Instant } from '../../src/domain/plan.js';

/* Takes the place of src/domain/late.ts in the workflow bundle of the variant every-late-wait-is-an-outage. */

export { answerDueAt, HEARTBEAT_TIMEOUT, LATE, MARGIN, REQUEST_TIMEOUT, SMS_START } from '../../src/domain/late.js';

type Wakes = Pick<Facts, 'lateWakes'>;

/** Each of the first three late waits starts over, whatever made it late. */
export const outageEndedAt = ({ lateWakes }: Wakes, since: Instant): Instant =>
  lateWakes
    .filter(({ at }) => at >= since)
    .slice(0, 3)
    .at(-1)?.at ?? -Infinity;

export const resumedAt = outageEndedAt;

/** Longer than RBM's longest pause between two attempts to post an event. Milliseconds. */
const FIXED = 900_000;

export const eventsMayComeUntil = (facts: Wakes, since: Instant, longest: number): Instant =>
  outageEndedAt(facts, since) + Math.min(FIXED, longest);

/** Temporal is not asked. */
export const outageMatters = (): boolean => false;
