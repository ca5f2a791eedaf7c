import { log, setCurrentDetails } from '@temporalio/workflow';
import { SECOND } from '../contract/duration.js';
import type { Outcome, Phase } from '../contract/status.js';
import type { Delivery } from '../domain/delivery.js';
import { lastAnswers, needsAttention, settlementOf, type Settlement } from '../domain/settlement.js';
import { latenessOf } from '../domain/sms-summary.js';
import type { Snapshot } from '../domain/snapshot.js';
import type { Action } from '../domain/step.js';
import { currentDetails } from './details.js';
import type { Journal } from './journal.js';
import { measureFallback, measureSettled } from './metrics.js';
import { createNotifier } from './notifications.js';
import { openSearchAttributes } from './search-attributes.js';

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
      searchAttributes.update(journal.delivery, reportedPhase(snapshot));
      notifier.phase();
    },
    acting(action) {
      const isFirstSms = action.do === 'sendSms' && journal.delivery.facts.sms.requestedAt === undefined;
      if (isFirstSms) measureFallback(journal.delivery, latenessOf(journal.delivery, journal.snapshot().now));
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

/** The phase, if the wait is long enough to be worth an event. */
function reportedPhase({ decision, now }: Snapshot): Phase | undefined {
  if ('outcome' in decision || decision.step.do !== 'wait') return undefined;
  const { until } = decision.step;
  return until !== null && until - now >= SHORTEST_REPORTED_WAIT ? decision.phase : undefined;
}

/** One line: a warning if a person should look at the delivery. The SDK adds the ids; a replay logs nothing. */
function logSettled(delivery: Delivery, settlement: Settlement): void {
  const fields = { ...settlement, ...lastAnswers(delivery) };
  if (needsAttention(delivery, settlement)) log.warn('delivery needs attention', fields);
  else log.info('delivery settled', fields);
}
