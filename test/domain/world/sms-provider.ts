import type { SmsAnswer } from '../../../src/domain/evidence.js';
import type { Rbm } from './rbm.js';
import { behaviourOf, retryAfterOf, type SmsBehaviour } from './scenario.js';
import { LATENCY, REQUEST_TIMEOUT, type World } from './world.js';

const ANSWERS: Record<SmsBehaviour, SmsAnswer> = {
  ok: 'accepted',
  lostButSent: 'unanswered',
  lost: 'unanswered',
  notSent: 'notSent',
  refused: 'refused',
  notStarted: 'notStarted',
};

/** Sends the SMS, reports its receipt, and can be asked whether it sent one. */
export class SmsProvider {
  readonly #world: World;
  readonly #rbm: Rbm;
  readonly #isIdempotent: boolean;
  #requests = 0;
  #reconciliations = 0;

  constructor(world: World, rbm: Rbm) {
    this.#world = world;
    this.#rbm = rbm;
    this.#isIdempotent = world.scenario.smsProvider === 'idempotent';
  }

  send(): void {
    const { agenda, journal, scenario } = this.#world;
    journal.learn({ kind: 'smsRequested' });
    const behaviour = behaviourOf(scenario.sms, this.#requests++);
    if (behaviour === 'ok' || behaviour === 'lostButSent') this.#accept();
    const answer = ANSWERS[behaviour];
    agenda.after(behaviour === 'notStarted' ? REQUEST_TIMEOUT : LATENCY, () => {
      journal.learn({
        kind: 'smsAnswered',
        answer,
        ...(behaviour === 'notSent' && retryAfterOf(scenario)),
        ...(answer === 'unanswered' && this.#isIdempotent && { repeatable: true }),
      });
    });
  }

  reconcile(): void {
    const { agenda, journal, scenario } = this.#world;
    journal.learn({ kind: 'smsReconciliationStarted' });
    const behaviour = behaviourOf(scenario.reconciles, this.#reconciliations++);
    const found = behaviour === 'unknown' ? 'unknown' : this.#lookUp();
    agenda.after(LATENCY, () => {
      journal.learn({ kind: 'smsReconciled', found });
    });
  }

  #accept(): void {
    const { agenda, journal, scenario, truth } = this.#world;
    const isRepeated = this.#isIdempotent && truth.smsSent > 0;
    if (!isRepeated) {
      truth.smsSent += 1;
      truth.smsWhileQueued ||= this.#rbm.mayStillDeliver();
    }
    const { status, delay } = scenario.receipt;
    if (status === 'none') return;
    agenda.after(delay, () => {
      journal.learn({ kind: 'smsStatus', status, eventId: 's', sendTime: '' });
    });
  }

  #lookUp(): 'repeatable' | 'yes' | 'no' {
    if (this.#isIdempotent) return 'repeatable';
    return this.#world.truth.smsSent > 0 ? 'yes' : 'no';
  }
}
