import type { Finding, RbmEventKind } from '../../../src/domain/evidence.js';
import type { Instant, Plan } from '../../../src/domain/plan.js';
import type { Agenda } from './agenda.js';
import { deliveryFrom, isEvent, isNewEvidence, learn, type Delivery } from './decider.js';
import type { Scenario } from './scenario.js';

/** What the worker has learned about one delivery. During an outage it learns nothing. */
export class Journal {
  #delivery: Delivery;
  readonly #agenda: Agenda;
  readonly #outages: readonly { readonly from: Instant; readonly to: Instant }[];
  #seen = 0;

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

  /** True if there is evidence that this was not asked about before. */
  hasUnseen(): boolean {
    const hasUnseen = this.#delivery.evidence.length !== this.#seen;
    this.#seen = this.#delivery.evidence.length;
    return hasUnseen;
  }

  /** When the outages of this moment are over. -Infinity if there are none. */
  #backAt(): Instant {
    const { now } = this.#agenda;
    return Math.max(-Infinity, ...this.#outages.filter(({ from, to }) => now >= from && now < to).map(({ to }) => to));
  }
}
