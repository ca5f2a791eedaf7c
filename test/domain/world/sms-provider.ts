import type { SmsReason } from '../../../src/contract/failures.js';
import type { SmsAnswer, SmsReconciled } from '../../../src/domain/evidence.js';
import { onlyProvider } from './decider.js';
import type { Person } from './person.js';
import type { Rbm } from './rbm.js';
import { behaviourOf, retryAfterOf, type ScriptedProvider, type SmsBehaviour } from './scenario.js';
import { LATENCY, REQUEST_TIMEOUT } from './latency.js';
import type { World } from './world.js';

const ANSWERS: Record<SmsBehaviour, { readonly answer: SmsAnswer; readonly smsReason?: SmsReason }> = {
  ok: { answer: 'accepted' },
  lostButSent: { answer: 'unanswered' },
  lost: { answer: 'unanswered' },
  crashed: { answer: 'unanswered' },
  crashedButSent: { answer: 'unanswered' },
  account: { answer: 'notSent', smsReason: 'account' },
  unreachable: { answer: 'notSent', smsReason: 'unreachable' },
  throttled: { answer: 'notSent', smsReason: 'throttled' },
  refused: { answer: 'refused', smsReason: 'recipient' },
  notStarted: { answer: 'notStarted' },
};

/** One provider: what it was asked, and whether it sent an SMS. */
interface Provider extends ScriptedProvider {
  readonly name: string;
  requests: number;
  sent: number;
}

/** The providers, in order of preference. They send the SMS, report its receipt, and can be asked whether they sent one. */
export class SmsProviders {
  readonly #world: World;
  readonly #rbm: Rbm;
  readonly #person: Person;
  readonly #providers: readonly Provider[];
  #reconciliations = 0;

  constructor(world: World, rbm: Rbm, person: Person) {
    this.#world = world;
    this.#rbm = rbm;
    this.#person = person;
    this.#providers = world.scenario.smsProviders.map((scripted, index) => {
      return { ...scripted, name: `provider${String(index)}`, requests: 0, sent: 0 };
    });
  }

  send(): void {
    const { agenda, journal, plan, scenario, truth } = this.#world;
    journal.learn({ kind: 'smsRequested' });
    const { requestedAt = agenda.now } = journal.delivery.facts.sms;
    if (agenda.now >= requestedAt + plan.smsValidity) {
      this.#answer({ answer: 'expired' });
      return;
    }
    if (this.#person.stops()) {
      this.#answer({ answer: 'suppressed' });
      return;
    }
    const provider = this.#next();
    const behaviour = behaviourOf(provider.answers, provider.requests++);
    if (behaviour !== 'notStarted') truth.smsRequestedAt = agenda.now;
    if (behaviour === 'ok' || behaviour === 'lostButSent' || behaviour === 'crashedButSent') this.#accept(provider);
    const said = ANSWERS[behaviour];
    const { notBy } = journal.delivery.facts.sms;
    const isLeft = ({ name }: Provider) => name !== provider.name && !notBy.includes(name);
    const from = {
      provider: provider.name,
      ...(said.answer === 'notSent' && { otherProvider: this.#providers.some(isLeft) }),
      ...(said.answer === 'notSent' && retryAfterOf(scenario)),
      ...(said.answer === 'unanswered' && { repeatable: provider.isIdempotent }),
    };
    const isTold = behaviour !== 'notStarted' && behaviour !== 'crashed' && behaviour !== 'crashedButSent';
    // A worker that crashed has not said which provider it asked.
    this.#answer({ ...said, ...(isTold && from) }, behaviour === 'notStarted' ? REQUEST_TIMEOUT : LATENCY);
  }

  reconcile(): void {
    const { agenda, journal, scenario } = this.#world;
    const asked = this.#unansweredBy();
    journal.learn({ kind: 'smsReconciliationStarted' });
    const behaviour = behaviourOf(scenario.reconciles, this.#reconciliations++);
    const found =
      behaviour === 'unknown'
        ? ({ found: 'unknown' } as const)
        : this.#lookUp(asked === undefined ? this.#left() : [asked]);
    const { generation } = journal;
    agenda.after(LATENCY, () => {
      journal.answer(generation, { kind: 'smsReconciled', ...found });
    });
  }

  #answer(said: (typeof ANSWERS)[SmsBehaviour] & { readonly provider?: string }, after = LATENCY): void {
    const { agenda, journal } = this.#world;
    const { generation } = journal;
    agenda.after(after, () => {
      journal.answer(generation, { kind: 'smsAnswered', ...said });
    });
  }

  /** Whom the activity asks: the provider that left a request unanswered, or the first that may have sent nothing. */
  #next(): Provider {
    const { notBy } = this.#world.journal.delivery.facts.sms;
    const [first] = this.#providers;
    const next = this.#unansweredBy() ?? this.#providers.find(({ name }) => !notBy.includes(name)) ?? first;
    if (next === undefined) throw new Error('a scenario needs an SMS provider');
    return next;
  }

  #unansweredBy(): Provider | undefined {
    const { facts, plan } = this.#world.journal.delivery;
    const provider = onlyProvider(facts.sms, plan);
    return this.#providers.find(({ name }) => name === provider);
  }

  /** Those that may have been asked. */
  #left(): readonly Provider[] {
    const { notBy } = this.#world.journal.delivery.facts.sms;
    const left = this.#providers.filter(({ name }) => !notBy.includes(name));
    return left.length > 0 ? left : this.#providers;
  }

  /** Only all providers together can prove that nothing was sent. One that can't tell may then repeat the request. */
  #lookUp(asked: readonly Provider[]): Omit<SmsReconciled, 'kind'> {
    if (asked.some((one) => !one.isIdempotent && this.#hasSent(one))) return { found: 'yes' };
    const [repeatable, ...others] = asked.filter((one) => one.isIdempotent);
    if (repeatable === undefined) return { found: 'no' };
    if (others.length > 0) return { found: 'unknown' };
    return { found: asked.length === 1 ? 'repeatable' : 'no', repeatableBy: repeatable.name };
  }

  #hasSent(provider: Provider): boolean {
    const isAnothers = this.#world.truth.sentByAnotherRun && provider === this.#providers[0];
    return provider.sent > 0 || isAnothers;
  }

  #accept(provider: Provider): void {
    const { agenda, journal, scenario, truth } = this.#world;
    const isRepeated = provider.isIdempotent && this.#hasSent(provider);
    if (!isRepeated) {
      provider.sent += 1;
      truth.smsSent += 1;
      truth.smsSentAt = agenda.now;
      truth.smsWhileQueued ||= this.#rbm.mayStillDeliver();
    }
    for (const { status, delay } of scenario.receipts) {
      const mayBeCorrected = status === 'UNDELIVERED';
      agenda.after(delay, () => {
        journal.learn({
          kind: 'smsStatus',
          status,
          eventId: 's',
          sendTime: '',
          ...(mayBeCorrected && { mayBeCorrected }),
        });
      });
    }
  }
}
