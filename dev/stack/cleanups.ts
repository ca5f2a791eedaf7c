/** What must be undone, remembered from the moment it exists: a Ctrl-C may come at any time. */
export class Cleanups {
  readonly #steps: (() => Promise<void>)[] = [];

  add<T>(resource: T, undo: (resource: T) => Promise<void>): T {
    this.#steps.push(() => undo(resource));
    return resource;
  }

  /** In the reverse order; one that fails does not stop the others. May be called at any time, and twice. */
  async run(): Promise<void> {
    for (let step = this.#steps.pop(); step !== undefined; step = this.#steps.pop()) {
      await step().catch(() => undefined);
    }
  }
}
