import type { RevokeAnswer, SendAnswer } from '../../../src/domain/evidence.js';
import type { Instant } from '../../../src/domain/plan.js';
import type { Person } from './person.js';
import type { Phone } from './phone.js';
import { behaviourOf, retryAfterOf, type DeleteBehaviour } from './scenario.js';
import { LATENCY, REQUEST_TIMEOUT } from './latency.js';
import type { ActionOf, World } from './world.js';

/** Answers the create and the DELETE calls of one message, delivers it to the phone, and revokes it at its expiry. */
export class Rbm {
  readonly #world: World;
  readonly #phone: Phone;
  readonly #person: Person;
  #creates = 0;
  #isRevoked = false;
  #hasExpiryTimer = false;
  #stopRepeating: () => void = () => undefined;

  constructor(world: World, phone: Phone, person: Person) {
    this.#world = world;
    this.#person = person;
    this.#phone = phone;
  }

  create(step: ActionOf<'send'>): void {
    const { agenda, journal, scenario } = this.#world;
    journal.learn({ kind: 'sendStarted', how: step.how, platformExpiresAt: step.platformExpiresAt });
    const behaviour = behaviourOf(scenario.creates, this.#creates++);
    const { generation } = journal;
    let isAnswered = false;
    const answer = (answer: SendAnswer, mayBeQueued: boolean, after = LATENCY): void => {
      agenda.after(after, () => {
        if (isAnswered) return;
        isAnswered = true;
        const retryAfter = behaviour === '429' ? retryAfterOf(scenario) : {};
        const isAnothers = behaviour === 'anotherRun' || behaviour === 'anotherRunWithSms';
        const sentByAnotherRun = isAnothers && { sentByAnotherRun: true };
        if (behaviour === 'anotherRunWithSms' && journal.generation === generation) this.#sentByAnotherRun();
        journal.answer(generation, { kind: 'sendAnswered', answer, mayBeQueued, ...retryAfter, ...sentByAnotherRun });
      });
    };
    if (this.#person.stops()) {
      answer('suppressed', journal.delivery.facts.rcs.mayBeQueued);
      return;
    }
    const timeLeft = step.until - agenda.now;
    this.#stopRepeating = () => undefined;
    switch (behaviour) {
      case 'ok':
        this.#queue(step.platformExpiresAt);
        answer('accepted', true);
        return;
      case 'anotherRun':
      case 'anotherRunWithSms':
        this.#queue(step.platformExpiresAt);
        answer('accepted', true);
        return;
      case 'slow':
        agenda.after(REQUEST_TIMEOUT, () => {
          this.#queue(step.platformExpiresAt);
        });
        answer('accepted', true, REQUEST_TIMEOUT);
        return;
      case 'repeated':
        if (step.how === 'local') {
          answer('failed', false);
          return;
        }
        this.#stopRepeating = () => {
          answer('stopped', true);
        };
        answer('failed', false, Math.max(LATENCY, timeLeft));
        return;
      case 'lostButQueued':
        this.#queue(step.platformExpiresAt);
        answer('failed', true);
        return;
      case 'lost':
        answer('failed', true);
        return;
      case 'hangs':
        answer('failed', true, Math.max(500, Math.min(REQUEST_TIMEOUT, timeLeft)));
        return;
      case '404':
        answer('notFound', false);
        return;
      case '400':
        answer('refused', false);
        return;
      case '403':
        answer('denied', false);
        return;
      case '429':
        answer('failed', false);
        return;
    }
  }

  /** Ends a create that Temporal still repeats. */
  stopCreate(): void {
    this.#world.journal.learn({ kind: 'sendStopRequested' });
    this.#stopRepeating();
  }

  delete(step: ActionOf<'revoke'>): void {
    const { agenda, journal, scenario, truth } = this.#world;
    journal.learn({ kind: 'revokeStarted' });
    const behaviour = behaviourOf(scenario.deletes, truth.deletes);
    truth.deletes += 1;
    const { generation } = journal;
    const mayRevoke = this.mayStillDeliver();
    // A DELETE before the create finds no message, and revokes none.
    if (behaviour === 'ok' || behaviour === 'lostButDone') this.#isRevoked ||= mayRevoke;
    const answers: Record<DeleteBehaviour, RevokeAnswer> = {
      ok: mayRevoke || scenario.reading === 'old' ? 'revoked' : 'notFound',
      lostButDone: 'unanswered',
      lost: 'unanswered',
      hangs: 'unanswered',
      '404': 'notFound',
      '500': 'failed',
      '429': 'refused',
    };
    agenda.after(behaviour === 'hangs' ? step.timeout : LATENCY, () => {
      const retryAfter = behaviour === '429' || behaviour === '500' ? retryAfterOf(scenario) : {};
      journal.answer(generation, { kind: 'revokeAnswered', answer: answers[behaviour], ...retryAfter });
    });
  }

  /** True while the message is queued. */
  mayStillDeliver(): boolean {
    const { queued, rcsDeliveredAt } = this.#world.truth;
    return queued && !this.#isRevoked && rcsDeliveredAt === undefined;
  }

  #sentByAnotherRun(): void {
    const { truth } = this.#world;
    if (truth.sentByAnotherRun || truth.smsSent > 0) return;
    truth.sentByAnotherRun = true;
    truth.smsSent += 1;
  }

  #queue(expiresAt: Instant): void {
    const { agenda, plan, scenario, truth } = this.#world;
    truth.queued = true;
    truth.queuedAt = agenda.now;
    if (this.#isRevoked) return;
    agenda.at(plan.startedAt + scenario.onlineAfter, () => {
      if (this.mayStillDeliver()) this.#phone.receive();
    });
    if (this.#hasExpiryTimer) return;
    this.#hasExpiryTimer = true;
    agenda.at(expiresAt, () => {
      this.#expire();
    });
  }

  #expire(): void {
    const { agenda, journal, scenario, truth } = this.#world;
    const isRevoked = truth.rcsDeliveredAt === undefined;
    this.#isRevoked ||= isRevoked;
    const { kind, delay } = scenario.ttlEvent;
    if (kind === 'none' || (kind === 'honest' && !isRevoked)) return;
    agenda.after(delay, () => {
      journal.learnEvent(kind === 'honest' ? 'ttlExpirationRevoked' : 'ttlExpirationRevokeFailed');
    });
  }
}
