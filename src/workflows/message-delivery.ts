import {
  ApplicationFailure,
  CancellationScope,
  condition,
  setCurrentDetails,
  workflowInfo,
} from '@temporalio/workflow';
import { describeProblems } from '../contract/check.js';
import { SECOND } from '../contract/duration.js';
import { FailureType } from '../contract/failures.js';
import { workflowIdFor } from '../contract/ids.js';
import { checkInput, type MessageDeliveryInput } from '../contract/input.js';
import type { MessageDeliveryResult } from '../contract/status.js';
import { decide, isSameWait, type Step } from '../domain/decide.js';
import { planFor, type Instant } from '../domain/plan.js';
import { answerDueAt, LATE } from '../domain/outages.js';
import { phaseOf, resultOf } from '../domain/report.js';
import { createActions } from './actions.js';
import { describe, summaryOf } from './details.js';
import { handleMessages } from './handlers.js';
import { isTriedAgain, openJournal, type Journal } from './journal.js';
import { createNotifications, type Notifications } from './notifications.js';
import { tellOperators } from './tell-operators.js';
import { openIndex, type Index } from './visibility.js';

/** A wait that is worth telling operators of. */
const LONG = 60 * SECOND;

/**
 * One durable delivery of one RCS message: send, wait for proof, take it back at its expiry, fall back to SMS.
 * The judgement is `decide` (src/domain); this is the loop around it.
 */
export async function messageDelivery(input: unknown): Promise<MessageDeliveryResult> {
  const startedAt = workflowInfo().startTime.getTime();
  const journal = openJournal(planFor(validated(input, startedAt), startedAt));
  handleMessages(journal);
  onCancelled(() => {
    journal.wake();
    journal.record({ kind: 'cancelRequested' });
  });
  // A cancelled workflow still takes its message back, so nothing below may be cancelled from outside.
  return CancellationScope.nonCancellable(() => deliver(journal));
}

/** At once when it was cancelled before its first task: a rejection is seen only after the create has begun. */
function onCancelled(listener: () => void): void {
  const scope = CancellationScope.current();
  if (scope.consideredCancelled) listener();
  else scope.cancelRequested.catch(listener);
}

async function deliver(journal: Journal): Promise<MessageDeliveryResult> {
  const actions = createActions(journal);
  const notifications = createNotifications(journal);
  const index = openIndex();
  if (decide(journal.delivery, journal.now()).do !== 'send') {
    journal.beginWithoutAttempt();
    const { startedAt } = journal.delivery.plan;
    // No worker was there, or the one that sent the message has died: an outage of ours like any other.
    if (journal.now() - startedAt > LATE) journal.record({ kind: 'wokeLate', due: startedAt });
    if (isTriedAgain(journal)) journal.record({ kind: 'mayHaveBeenSent' });
  }
  for (;;) {
    const step = decide(journal.delivery, journal.now());
    if (step.do === 'settle') {
      index.tell(journal.delivery, step.outcome);
      setCurrentDetails(describe(journal.delivery, journal.now()));
      // Something may have come while the telling began.
      if (await notifications.settled()) continue;
      tellOperators(journal.delivery, step, journal.now());
      return resultOf(journal.delivery, step.outcome, journal.now());
    }
    if (step.do === 'wait') await wait({ journal, notifications, index }, step, actions.localAttempt());
    else {
      tellOperators(journal.delivery, step, journal.now());
      actions.start(step);
    }
  }
}

type Wait = Extract<Step, { do: 'wait' }>;
type Teller = { readonly journal: Journal; readonly notifications: Notifications; readonly index: Index };

/** Until the time comes, or a new piece of evidence makes `decide` say something else. */
async function wait(
  { journal, notifications, index }: Teller,
  step: Wait,
  localAttempt?: Promise<void>,
): Promise<void> {
  // A timer reaches the server only after the local attempt has ended: wait for that, then set it for the rest.
  if (localAttempt !== undefined) return localAttempt;
  journal.startClock();
  const { until } = step;
  setCurrentDetails(describe(journal.delivery, journal.now()));
  // A phase that passes within seconds is not worth an event.
  const isLong = until !== null && until - journal.now() >= LONG;
  index.tell(journal.delivery, isLong ? phaseOf(journal.delivery, journal.now()) : undefined);
  notifications.phase();
  const changed = changedBy(journal, step);
  const due = until ?? answerDueAt(journal.delivery);
  if (until === null) await condition(changed);
  // Temporal's own time here: a timer's length may differ on a replay, a decision may not.
  else
    await condition(changed, Math.max(1, until - Date.now()), { summary: summaryOf(journal.delivery, journal.now()) });
  journal.wake();
  if (journal.now() - due > LATE) journal.record({ kind: 'wokeLate', due });
}

/**
 * Looks only when there is new evidence. The passing of time is the timer's matter: a refused update, which leaves no event,
 * would else show another time than the replay, where it never comes.
 */
function changedBy(journal: Journal, step: Wait): () => boolean {
  const { evidence } = journal.delivery;
  let seen = evidence.length;
  return () => {
    if (evidence.length === seen) return false;
    seen = evidence.length;
    return !isSameWait(decide(journal.delivery, journal.now()), step);
  };
}

/** As of the workflow's start: a worker that begins late must not refuse what was right. */
function validated(input: unknown, startedAt: Instant): MessageDeliveryInput {
  const checked = checkInput(input, startedAt);
  const problems = checked.ok ? [] : [...checked.problems];
  // Webhooks find the delivery by its id: under another id it could never learn of a DELIVERED.
  if (checked.ok && workflowInfo().workflowId !== workflowIdFor(checked.input)) {
    problems.push({ field: 'workflowId', problem: 'must be message-delivery:{agentId}:{messageId}' });
  }
  if (checked.ok && problems.length === 0) return checked.input;
  throw ApplicationFailure.create({
    type: FailureType.InvalidInput,
    message: `The input is not valid. ${describeProblems(problems)}`,
    nonRetryable: true,
    details: [problems],
  });
}
