import { workflowInfo } from '@temporalio/workflow';
import { allOf, type Delivery, type Evidence, type Finding } from '../domain/evidence.js';
import type { Instant, Plan } from '../domain/plan.js';

/** The only state of the workflow: the evidence so far. Everything else is derived from it. */
export interface Journal {
  readonly delivery: Delivery;
  /** The time of every decision. */
  now(): Instant;
  record(finding: Finding): void;
  /** How the local attempt to send ended; `answeredTime` (RFC 3339) is the activity's own word on when. */
  recordLocalAttempt(finding: Finding, answeredTime: string | undefined): void;
  /** Nothing is sent in the first task: the clock shows Temporal's time, and that is when the evidence so far was seen. */
  beginWithoutAttempt(): void;
  /** Lets the clock run, from the next event of the history on: there is no local attempt (any more). */
  startClock(): void;
  /** An event of the history has come (a signal, an update, an answer, a timer): the clock shows its time. */
  wake(): void;
}

/**
 * Around the local attempt Date.now() is not the same on a replay: the SDK may merge the first workflow tasks (a query that
 * meets the first one makes two of it). So the clock stands at the start until the attempt has ended, then at the time that
 * the attempt's own answer tells, which is in the history, until the next event. Where the first task sends nothing,
 * Temporal's time holds at once.
 */
export function openJournal(plan: Plan): Journal {
  const evidence: Evidence[] = [];
  let standing: Instant | undefined = plan.startedAt;
  let begun = false;
  const now = () => standing ?? Date.now();
  const record = (finding: Finding) => void evidence.push({ at: now(), ...finding });
  return {
    delivery: { plan, evidence },
    now,
    record,
    recordLocalAttempt(finding, answeredTime) {
      const answeredAt = Date.parse(answeredTime ?? '');
      // A worker's clock may be behind; an attempt that timed out tells no time.
      standing = Number.isNaN(answeredAt) ? undefined : Math.max(plan.startedAt, answeredAt);
      begun = true;
      record(finding);
    },
    beginWithoutAttempt() {
      [begun, standing] = [true, undefined];
      evidence.forEach((seen, index) => (evidence[index] = { ...seen, at: now() }));
    },
    startClock() {
      begun = true;
    },
    wake() {
      if (begun) standing = undefined;
    },
  };
}

/**
 * True when the first workflow task may have been tried before, by a worker that died while or after it sent the message: a
 * local attempt leaves no other trace. Such a task's start is event 3, behind what was signalled before it.
 */
export function isTriedAgain({ delivery }: Journal): boolean {
  const { length } = allOf(delivery, ...BEFORE_THE_FIRST_TASK);
  return workflowInfo().historyLength > 3 + length;
}

const BEFORE_THE_FIRST_TASK = [
  'delivered',
  'read',
  'replied',
  'ttlExpirationRevoked',
  'ttlExpirationRevokeFailed',
  'smsStatus',
  'cancelRequested',
] as const;
