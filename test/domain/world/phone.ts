import type { World } from './world.js';

/** Shows the message, and has its events reported. */
export class Phone {
  readonly #world: World;

  constructor(world: World) {
    this.#world = world;
  }

  receive(): void {
    const { agenda, journal, scenario, truth } = this.#world;
    truth.rcsDeliveredAt = agenda.now;
    for (const delay of scenario.deliveredDelays) {
      agenda.after(delay, () => {
        journal.learnEvent(scenario.proof);
      });
    }
  }
}
