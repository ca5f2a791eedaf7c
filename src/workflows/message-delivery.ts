import type { WorkflowDefinitionOptions } from '@temporalio/common';
import { CancellationScope, setWorkflowOptions, sleep, workflowInfo } from '@temporalio/workflow';
import type { MessageDeliveryResult } from '../contract/status.js';
import { SHORT_LIVED_MEMO } from '../contract/versioning.js';
import { LATE, answerDueAt } from '../domain/late.js';
import { planFor } from '../domain/plan.js';
import { resultOf } from '../domain/report.js';
import { isSameWait, type Wait } from '../domain/step.js';
import { createActions, type Actions } from './actions.js';
import { createClock, type Clock } from './clock.js';
import { timerSummary } from './details.js';
import { startBySending, startLate } from './first-task.js';
import { handleMessages } from './handlers.js';
import { createHeldEvents, type HeldEvents } from './held-events.js';
import { openJournal, type Journal } from './journal.js';
import { learnLate } from './late-wake.js';
import { createLateRefusal, receivedInput, type LateRefusal } from './received-input.js';
import { createReporter, type Reporter } from './reporter.js';
import { watchForReset, type ResetWatch } from './reset-watch.js';
import { createSignalReader } from './signals.js';
import { createTimer, type Timer } from './timer.js';
import { validInput } from './valid-input.js';

/**
 * One durable delivery of one RCS message: send it, wait for proof of delivery, revoke it at its expiry, fall back to
 * SMS. `decide` (src/domain/decide.ts) says what to do next; this is the loop around it. Only the local attempt to send
 * is waited for. How any other activity ended is evidence like an event.
 */
export async function messageDelivery(input: unknown): Promise<MessageDeliveryResult> {
  const startedAt = workflowInfo().startTime.getTime();
  const clock = createClock(startedAt);
  const journal = openJournal(planFor(validInput(receivedInput(input), startedAt), startedAt), clock);
  const readSignal = createSignalReader(journal.delivery.plan);
  const lateRefusal = createLateRefusal(input);
  const heldEvents = createHeldEvents();
  const actions = createActions(journal, clock, readSignal, heldEvents, lateRefusal.lookedBack);
  const takeUsableSignals = handleMessages(journal, clock, readSignal, heldEvents);
  onCancelled(() => {
    heldEvents.take(() => {
      clock.eventCame();
      journal.learn({ kind: 'cancelRequested' });
    });
  });
  const received = { journal, clock, actions, heldEvents, takeUsableSignals, lateRefusal };
  // A cancelled workflow still revokes its message, so nothing below may be cancelled from outside.
  return CancellationScope.nonCancellable(() => deliver(received));
}

interface Received {
  readonly journal: Journal;
  readonly clock: Clock;
  readonly actions: Actions;
  readonly heldEvents: HeldEvents;
  /** Takes the signals that were set aside and can be used by now. */
  readonly takeUsableSignals: () => void;
  readonly lateRefusal: LateRefusal;
}

async function deliver(received: Received): Promise<MessageDeliveryResult> {
  const { journal, clock, actions, heldEvents, takeUsableSignals, lateRefusal } = received;
  const reporter = createReporter(journal);
  const timer = createTimer();
  const reset = watchForReset(journal);
  if (reset.hasHappened()) reset.notice();
  if (startsBySending(journal)) startBySending(journal, clock);
  else startLate(journal, clock);
  let isRecorded = true;
  for (;;) {
    lateRefusal.throwIfRefused();
    if (isRecorded) takeUsableSignals();
    if (reset.hasHappened()) reset.notice();
    const { decision } = journal.snapshot();
    if ('outcome' in decision && !isRecorded) {
      await nextTask(clock, heldEvents);
      isRecorded = true;
    } else if ('outcome' in decision) {
      const isReported = await reporter.settled(decision.outcome);
      if (isReported) return resultOf(journal.delivery, decision.outcome, clock.now());
    } else if (decision.step.do === 'wait') {
      isRecorded = await wait(decision.step, { ...received, reporter, timer, reset });
    } else {
      reporter.acting(decision.step);
      actions.start(decision.step);
    }
  }
}

/**
 * Lets the workflow task end, which writes the answer to the create into the history. Temporal throws away a task that ends
 * the workflow if a signal has come meanwhile, and the answer would be lost with it.
 */
async function nextTask(clock: Clock, heldEvents: HeldEvents): Promise<void> {
  const slept = sleep(1, { summary: 'until the answer is recorded' });
  heldEvents.release();
  await slept;
  clock.eventCame();
}

interface Parts extends Received {
  readonly reporter: Reporter;
  readonly timer: Timer;
  readonly reset: ResetWatch;
}

/**
 * Waits until the time of the step, or until new evidence changes the decision. Resolves with false at the end of a local
 * attempt: the history does not have its answer yet.
 */
async function wait(step: Wait, parts: Parts): Promise<boolean> {
  const { journal, clock, actions, heldEvents, reporter, timer, reset } = parts;
  // The server gets no timer before the local attempt has ended: wait for that first, then set the timer for the rest.
  const localAttempt = actions.localAttempt();
  if (localAttempt !== undefined) return localAttempt.then(() => false);
  clock.startAtNextEvent();
  reporter.waiting();
  const dueAt = step.until ?? answerDueAt(journal.delivery.facts, journal.delivery.plan);
  const changed = changedFrom(journal);
  const isOver = () => reset.hasHappened() || changed();
  const waited = timer.waitFor(isOver, step.until, () => timerSummary(journal.snapshot()));
  heldEvents.release();
  await waited;
  clock.eventCame();
  if (clock.now() - dueAt > LATE) await learnLate(dueAt, journal, clock);
  return true;
}

/**
 * Returns a condition that is true once new evidence changes the decision. It ignores the passing of time, which is the
 * timer's part: the SDK also evaluates it after a refused update, which leaves no event to replay.
 */
function changedFrom(journal: Journal): () => boolean {
  let seen = journal.snapshot();
  const { decision } = seen;
  return () => {
    if (journal.delivery === seen.delivery) return false;
    seen = journal.snapshot();
    return !isSameWait(seen.decision, decision);
  };
}

/** False if earlier signals, a cancellation or a late first workflow task leave nothing to send. */
function startsBySending(journal: Journal): boolean {
  const { decision } = journal.snapshot();
  return 'step' in decision && decision.step.do === 'send';
}

/**
 * With Worker Versioning, a delivery that is over soon stays on the version that began it. A long one has the worker's
 * default: it moves to each new version, which replays it (docs/decisions/0003). Temporal refuses a behavior from a worker
 * without a version, and a replay reports the version of that time. So a delivery that may come to such a worker names none.
 */
export function deliveryOptions(): WorkflowDefinitionOptions {
  const { memo, currentDeploymentVersion: { deploymentName } = { deploymentName: '' } } = workflowInfo();
  return deploymentName !== '' && memo?.[SHORT_LIVED_MEMO] === true ? { versioningBehavior: 'PINNED' } : {};
}
setWorkflowOptions(deliveryOptions, messageDelivery);

/**
 * Calls `listener` when the workflow is cancelled; at once if that was before the first task. The scope's promise would
 * reject only after the create had started.
 */
function onCancelled(listener: () => void): void {
  const scope = CancellationScope.current();
  if (scope.consideredCancelled) listener();
  else scope.cancelRequested.catch(listener);
}
