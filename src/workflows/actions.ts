import type { FormerRuns } from '../contract/former-run.js';
import type { Action } from '../domain/step.js';
import type { Clock } from './clock.js';
import type { HeldEvents } from './held-events.js';
import type { Journal } from './journal.js';
import { createLookBack } from './look-back.js';
import { createObserve } from './observe.js';
import { createRcsActions } from './rcs-actions.js';
import type { SignalReader } from './signals.js';
import { createSmsActions } from './sms-actions.js';

export interface Actions {
  /** Starts an action. How it ends becomes evidence. Never blocks and never throws. */
  start(action: Action): void;
  /** Resolves when the local attempt to send has ended; undefined if none is under way. */
  localAttempt(): Promise<void> | undefined;
}

export function createActions(
  journal: Journal,
  clock: Clock,
  readSignal: SignalReader,
  heldEvents: HeldEvents,
  lookedBack: (former: FormerRuns) => void,
): Actions {
  const observe = createObserve(journal, clock);
  const lookBack = createLookBack(journal, clock, readSignal, lookedBack);
  const rcs = createRcsActions(journal, clock, observe, heldEvents);
  const sms = createSmsActions(journal, observe);
  return {
    localAttempt: () => rcs.localAttempt(),
    start(action) {
      switch (action.do) {
        case 'send':
          rcs.send(action);
          return;
        case 'stopSending':
          rcs.stopSending();
          return;
        case 'lookBack':
          lookBack();
          return;
        case 'giveUpAcceptance':
          journal.learn({ kind: 'notAcceptedInTime', due: action.due });
          return;
        case 'revoke':
          rcs.revoke(action);
          return;
        case 'sendSms':
          sms.sendSms();
          return;
        case 'stopSms':
          sms.stopSms();
          return;
        case 'reconcileSms':
          sms.reconcileSms(action);
          return;
      }
    },
  };
}
