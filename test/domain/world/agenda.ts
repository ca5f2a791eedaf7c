import type { Instant } from '../../../src/domain/plan.js';

interface Entry {
  readonly at: Instant;
  readonly order: number;
  readonly run: () => void;
}

/** A virtual clock, and everything that will happen. Time passes only in {@link Agenda.advance}. */
export class Agenda {
  readonly #entries: Entry[] = [];
  #now: Instant;
  #added = 0;

  constructor(start: Instant) {
    this.#now = start;
  }

  get now(): Instant {
    return this.#now;
  }

  /** How many entries were ever added. */
  get added(): number {
    return this.#added;
  }

  /** Runs `run` in `ms` milliseconds. Entries of the same instant run in the order in which they were added. */
  after(ms: number, run: () => void): void {
    this.#entries.push({ at: this.#now + ms, order: this.#added++, run });
  }

  /** As {@link after}, at once if the time has passed. */
  at(time: Instant, run: () => void): void {
    this.after(Math.max(0, time - this.#now), run);
  }

  /** Runs the entries that are due up to `until`, or up to the one after which `isDone` holds. */
  advance(until: Instant, isDone: () => boolean): void {
    while (!isDone()) {
      this.#entries.sort((a, b) => a.at - b.at || a.order - b.order);
      const next = this.#entries[0];
      if (next === undefined || next.at > until) {
        this.#now = Math.max(this.#now, until);
        return;
      }
      this.#entries.shift();
      this.#now = Math.max(this.#now, next.at);
      next.run();
    }
  }
}
