/** Remembers what to undo as soon as it exists, because a Ctrl-C may come at any time. */
export class Cleanups {
  readonly #steps: (() => Promise<void>)[] = [];

  add<T>(resource: T, undo: (resource: T) => Promise<void>): T {
    this.#steps.push(() => undo(resource));
    return resource;
  }

  /** Undoes everything in reverse order, even if one step fails. May be called at any time, and twice. */
  async run(): Promise<void> {
    for (let step = this.#steps.pop(); step !== undefined; step = this.#steps.pop()) {
      await step().catch(() => undefined);
    }
  }
}
