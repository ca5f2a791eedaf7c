import type { Evidence, Finding, RbmEventKind } from '../../../src/domain/evidence.js';
import type { Instant, Plan } from '../../../src/domain/plan.js';
import type { Agenda } from './agenda.js';
import { deliveryFrom, isEvent, isNewEvidence, learn, withFormer, type Delivery } from './decider.js';
import type { Scenario } from './scenario.js';
import { LATENCY } from './latency.js';

/** What the worker has learned about one delivery. During an outage it learns nothing. */
export class Journal {
  #delivery: Delivery;
  readonly #agenda: Agenda;
  readonly #outages: readonly { readonly from: Instant; readonly to: Instant }[];
  #seen: readonly Evidence[] = [];
  #generation = 0;
  #former: readonly Evidence[] = [];

  constructor(agenda: Agenda, plan: Plan, { outages }: Scenario) {
    this.#delivery = deliveryFrom(plan, []);
    this.#agenda = agenda;
    const start = agenda.now;
    this.#outages = outages.map(({ after, lasts }) => ({ from: start + after, to: start + after + lasts }));
  }

  get delivery(): Delivery {
    return this.#delivery;
  }

  /** Records a finding now. One that comes in an outage is recorded when the worker is back, in the order of arrival. */
  learn(finding: Finding): void {
    if (this.isDown())
      this.#agenda.at(this.#backAt(), () => {
        this.learn(finding);
      });
    else if (!isEvent(finding) || isNewEvidence(this.#delivery.facts, finding)) {
      this.#delivery = learn(this.#delivery, { at: this.#agenda.now, ...finding });
    }
  }

  /** Which run it is, counted from 0. Answers to an earlier run's requests are lost. */
  get generation(): number {
    return this.#generation;
  }

  /** What the runs before have learned and this one has not. */
  get former(): readonly Evidence[] {
    return this.#former;
  }

  /** Records how a request of this run ended. */
  answer(generation: number, finding: Finding): void {
    if (generation !== this.#generation) return;
    if (!this.isDown()) this.learn(finding);
    else
      this.#agenda.at(this.#backAt(), () => {
        this.answer(generation, finding);
      });
  }

  /** Starts a new run with the first `kept` pieces of evidence. `reexecuted`: what becomes of those open then. */
  reset(kept: number, reexecuted: (kept: readonly Evidence[]) => readonly Finding[]): void {
    const { plan, evidence } = this.#delivery;
    this.#generation += 1;
    const generation = this.#generation;
    const own = evidence.slice(0, kept);
    this.#former = [...this.#former, ...evidence.slice(kept)];
    // The reset run notices it before it does anything else, also after an outage.
    this.#delivery = learn(deliveryFrom(plan, own), { at: this.#agenda.now, kind: 'resetNoticed' });
    for (const finding of reexecuted(own)) {
      this.#agenda.after(LATENCY, () => {
        this.answer(generation, finding);
      });
    }
  }

  /** As the workflow does after it has looked back. */
  learnFormer(evidence: readonly Evidence[]): void {
    const ofDelivery = evidence.filter(({ kind }) => !['resetNoticed', 'lookBackStarted', 'lookedBack'].includes(kind));
    this.#delivery = withFormer(this.#delivery, ofDelivery);
  }

  /** Records an event of RBM's. Events with nothing scheduled between them share an id, as the copies of one event do. */
  learnEvent(kind: RbmEventKind): void {
    this.learn({ kind, eventId: `${kind}${String(this.#agenda.added)}`, sendTime: '' });
  }

  isDown(): boolean {
    return this.#backAt() > this.#agenda.now;
  }

  /** Lets time pass until no outage is left. */
  waitOutOutages(): void {
    while (this.isDown()) {
      const back = this.#backAt();
      this.#agenda.advance(back, () => this.#agenda.now >= back);
    }
  }

  /** How long the last outage kept from happening what was due at that time. */
  downtimeSince(due: Instant): number {
    const { now } = this.#agenda;
    return Math.max(0, ...this.#outages.filter(({ from, to }) => from < now && to > due).map(({ to }) => to - due));
  }

  /** True if there is evidence that this was not asked about before. */
  hasUnseen(): boolean {
    const { evidence } = this.#delivery;
    const hasUnseen = evidence !== this.#seen;
    this.#seen = evidence;
    return hasUnseen;
  }

  /** When the outages of this moment are over. -Infinity if there are none. */
  #backAt(): Instant {
    const { now } = this.#agenda;
    return Math.max(-Infinity, ...this.#outages.filter(({ from, to }) => now >= from && now < to).map(({ to }) => to));
  }
}
