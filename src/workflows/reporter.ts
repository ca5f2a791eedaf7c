import { log, setCurrentDetails } from '@temporalio/workflow';
import { SECOND } from '../contract/duration.js';
import { STARTED, type ListedStatus, type Outcome } from '../contract/status.js';
import type { Delivery } from '../domain/delivery.js';
import { lastAnswers, needsAttention, settlementOf, type Settlement } from '../domain/settlement.js';
import type { Snapshot } from '../domain/snapshot.js';
import type { Action } from '../domain/step.js';
import { currentDetails } from './details.js';
import type { Journal } from './journal.js';
import { measureFallback, measureSettled } from './metrics.js';
import { createNotifier } from './notifications.js';
import { openSearchAttributes, type SearchAttributes } from './search-attributes.js';

/** Reports a delivery by search attributes, current details, notifications, metrics and the log. */
export interface Reporter {
  /** A wait starts, perhaps in a new phase. */
  waiting(): void;
  /** An action starts. */
  acting(action: Action): void;
  /**
   * The delivery has settled. Resolves with true once that is reported. Resolves with false if it first had to start
   * the notification: new evidence may have come meanwhile, so the caller has to decide again.
   */
  settled(outcome: Outcome): Promise<boolean>;
}

/** A phase that passes sooner is not worth an event in the history. Milliseconds. */
const SHORTEST_REPORTED_WAIT = 60 * SECOND;

export function createReporter(journal: Journal): Reporter {
  const notifier = createNotifier(journal);
  const searchAttributes = openSearchAttributes();
  return {
    waiting() {
      // What the run before has reported is not known yet.
      if (journal.delivery.facts.reset.lookBack === 'underWay') return;
      const snapshot = journal.snapshot();
      setCurrentDetails(currentDetails(snapshot));
      searchAttributes.update(journal.delivery, reportedPhase(snapshot, searchAttributes));
      notifier.phase();
    },
    acting(action) {
      const isFirstSms = action.do === 'sendSms' && journal.delivery.facts.sms.requestedAt === undefined;
      if (isFirstSms) measureFallback(journal.delivery, journal.snapshot().now);
    },
    async settled(outcome) {
      searchAttributes.update(journal.delivery, outcome);
      setCurrentDetails(currentDetails(journal.snapshot()));
      if (await notifier.settled()) return false;
      const settlement = settlementOf(journal.delivery, outcome, journal.snapshot().now);
      measureSettled(journal.delivery, settlement);
      logSettled(journal.delivery, settlement);
      return true;
    },
  };
}

/** The phase, if the wait is long enough to be worth an event. A first create under way is no trouble to report. */
function reportedPhase(
  { delivery, decision, now }: Snapshot,
  { listsFirstCreate }: SearchAttributes,
): ListedStatus | undefined {
  if ('outcome' in decision || decision.step.do !== 'wait') return undefined;
  const { until } = decision.step;
  if (until === null || until - now < SHORTEST_REPORTED_WAIT) return undefined;
  const { phase } = decision;
  if (phase === 'SENDING' && !listsFirstCreate && delivery.facts.rcs.createAnswers.total === 0) return undefined;
  return phase === 'AWAITING_DELIVERY' ? STARTED : phase;
}

/** One line: a warning if a person should look at the delivery. The SDK adds the ids; a replay logs nothing. */
function logSettled(delivery: Delivery, settlement: Settlement): void {
  const fields = { ...settlement, ...lastAnswers(delivery) };
  if (needsAttention(delivery, settlement)) log.warn('delivery needs attention', fields);
  else log.info('delivery settled', fields);
}
