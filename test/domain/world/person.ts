import type { World } from './world.js';

/** The person, who may opt out. */
export class Person {
  readonly #world: World;

  constructor(world: World) {
    this.#world = world;
  }

  /** What the look-up right before a request finds. Traffic that an opt-out does not stop is not looked up. */
  stops(): boolean {
    const { agenda, plan, scenario } = this.#world;
    const { after = Infinity } = scenario.optsOut ?? {};
    return plan.honorsOptOut && agenda.now >= plan.startedAt + after;
  }

  /** Schedules the signal by which a delivery in flight learns of the opt-out. */
  schedule(): void {
    const { agenda, journal, plan, scenario } = this.#world;
    const { after, signalAfter } = scenario.optsOut ?? { after: Infinity, signalAfter: 0 };
    if (!plan.honorsOptOut || after + signalAfter === Infinity) return;
    agenda.after(after + signalAfter, () => {
      journal.learn({ kind: 'optedOut', source: 'rbm', sendTime: '' });
    });
  }
}
