/**
 * Signals and a cancellation that come during the local attempt to send. They are taken once the answer has led to a wait.
 *
 * A query can end the first workflow task early. Then Temporal may record the answer with that task, but show it to the
 * workflow in the next one, behind the signals of that. A replay shows it before them. So the workflow always acts on the
 * answer first (docs/decisions/0006). An update can't be held, since the SDK accepts it at once, so it is refused.
 */
export interface HeldEvents {
  /** The local attempt begins. */
  hold(): void;
  /** Takes an event: now, or after the answer. */
  take(event: () => void): void;
  /** Whether the local attempt is under way, or its answer has not led to a wait yet. */
  isHolding(): boolean;
  /** Takes what was held. A wait calls it once it has its timer. */
  release(): void;
}

export function createHeldEvents(): HeldEvents {
  let isHolding = false;
  let held: readonly (() => void)[] = [];
  return {
    hold() {
      isHolding = true;
    },
    isHolding: () => isHolding,
    take(event) {
      if (isHolding) held = [...held, event];
      else event();
    },
    release() {
      const events = held;
      isHolding = false;
      held = [];
      for (const event of events) event();
    },
  };
}
