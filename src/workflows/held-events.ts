import { patched, workflowInfo } from '@temporalio/workflow';
import { hasPatch } from './known-patches.js';

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
  /** The answer is about to be learned. */
  answerComes(): void;
  /** Takes what was held. A wait calls it once it has its timer. */
  release(): void;
  /** A wait is over. Returns true if held events came in it, for then the history may not have the answer yet. */
  waitIsOver(): boolean;
}

/** Recorded when held events are taken. A replay that did not have to hold them finds it, too. */
const HELD_PATCH = 'held-until-answered';

export function createHeldEvents(): HeldEvents {
  let isHolding = false;
  let isFirstWait = true;
  let wereHeld = false;
  let held: readonly (() => void)[] = [];
  const isReplaying = () => workflowInfo().unsafe.isReplaying;

  function takeHeld(): void {
    const events = held;
    held = [];
    for (const event of events) event();
  }

  return {
    hold() {
      isHolding = true;
    },
    isHolding: () => isHolding,
    take(event) {
      if (isHolding) {
        held = [...held, event];
        return;
      }
      if (isFirstWait && isReplaying() && hasPatch(HELD_PATCH)) wereHeld = patched(HELD_PATCH);
      event();
    },
    answerComes() {
      // A history from before there was this patch: the events came first.
      if (!isReplaying() || hasPatch(HELD_PATCH)) return;
      isHolding = false;
      takeHeld();
    },
    release() {
      isHolding = false;
      if (held.length > 0) wereHeld = patched(HELD_PATCH);
      takeHeld();
    },
    waitIsOver() {
      const cameInIt = isFirstWait && wereHeld;
      isFirstWait = false;
      return cameInIt;
    },
  };
}
