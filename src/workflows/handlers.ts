import { ApplicationFailure, defineSignal, log, setHandler } from '@temporalio/workflow';
import type { UpdateDefinition } from '@temporalio/common';
import { whyInvalidChangeExpiry, whyInvalidRevokeNow } from '../contract/change-checks.js';
import { FailureType, type UpdateRefusedDetails } from '../contract/failures.js';
import { changeExpiryUpdate, revokeNowUpdate, statusQuery } from '../contract/messages.js';
import type { DeliveryStatus } from '../contract/status.js';
import { isNewEvidence } from '../domain/new-evidence.js';
import { statusOf, whyTooLate } from '../domain/report.js';
import { snapshotOf } from '../domain/snapshot.js';
import type { Clock } from './clock.js';
import type { HeldEvents } from './held-events.js';
import type { Journal } from './journal.js';
import { measureCleartext, measureOtherSender } from './metrics.js';
import { openedInput } from './received-input.js';
import { createSetAside, UNUSABLE, whyUnusable } from './set-aside.js';
import { SIGNAL_NAMES, type SignalReader } from './signals.js';

/**
 * Sets the handlers of signals, query and updates. All are synchronous, so an event is evidence before the next
 * decision. Returns a function that takes the signals which were set aside and can be used by now.
 */
export function handleMessages(
  journal: Journal,
  clock: Clock,
  readSignal: SignalReader,
  heldEvents: HeldEvents,
): () => void {
  const setAside = createSetAside();
  for (const name of SIGNAL_NAMES)
    setHandler(defineSignal<[unknown]>(name), (payload) => {
      heldEvents.take(() => {
        if (!setAside.add({ name, args: [payload] })) takeSignal(name, payload);
      });
    });
  // No default handler: with one, a signal under a reserved name (__temporal_…) fails every later workflow task.

  setHandler(statusQuery, status);
  onUpdate(revokeNowUpdate, {
    refuse: (change) => whyInvalidRevokeNow(change, journal.delivery.plan.input),
    apply: ({ reason, fallback }) => {
      journal.learn({ kind: 'revokeRequested', reason, fallback });
    },
  });
  onUpdate(changeExpiryUpdate, {
    refuse: (change) => whyInvalidChangeExpiry(change, Date.now()),
    apply: ({ expireTime }) => {
      journal.learn({ kind: 'expiryChanged', expiresAt: Date.parse(expireTime) });
    },
  });

  return () => {
    for (const { name, args } of setAside.takeUsable()) takeSignal(name, args[0]);
  };

  function status(): DeliveryStatus {
    return statusOf(journal.snapshot());
  }

  function takeSignal(name: string, payload: unknown): void {
    const event = readSignal(name, payload);
    if (event === undefined) return;
    clock.eventCame();
    if (event.kind === 'otherSender') {
      log.warn('event ignored: it came from another number than the recipient', { event: event.event });
      measureOtherSender(event.event);
    }
    if (isNewEvidence(journal.delivery.facts, event)) journal.learn(event);
  }

  /** A refused update leaves no trace in the history. The caller gets an UpdateRefused. */
  function onUpdate<Input>(
    definition: UpdateDefinition<DeliveryStatus, [Input]>,
    { refuse, apply }: { refuse: (input: Input) => string | undefined; apply: (input: Input) => void },
  ): void {
    const handler = (input: Input): DeliveryStatus => {
      openedInput(input);
      measureCleartext('update', input);
      clock.eventCame();
      apply(input);
      return status();
    };
    // Neither runs on a replay, so they use Temporal's time and must not change the clock.
    const whyRefused = (input: Input): Refusal | undefined => {
      const invalid = whyUnusableText(input) ?? refuse(input);
      if (invalid !== undefined) return { refusal: 'invalid', reason: invalid };
      return heldEvents.isHolding() ? SENDING : whyTooLate(snapshotOf(journal.delivery, Date.now()));
    };
    const validator = (input: Input): void => {
      const why = whyRefused(input);
      if (why === undefined) return;
      const details: UpdateRefusedDetails = { refusal: why.refusal };
      throw ApplicationFailure.nonRetryable(
        `${definition.name} refused: ${why.reason}`,
        FailureType.UpdateRefused,
        details,
      );
    };
    setHandler(definition, handler, { validator });
  }
}

interface Refusal extends UpdateRefusedDetails {
  readonly reason: string;
}

/** An accepted update takes its place before what the answer to the create leads to. A replay may show it behind that. */
const SENDING: Refusal = { refusal: 'sending', reason: 'the message is being sent, so repeat it in two seconds' };

function whyUnusableText(input: unknown): string | undefined {
  const why = whyUnusable(input);
  return why && UNUSABLE[why];
}
