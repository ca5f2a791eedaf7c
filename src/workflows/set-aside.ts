import { log, patched, workflowInfo } from '@temporalio/workflow';
import { cleartextOf, SEALED, SealedPayloadError } from '../encryption/payloads/as-received.js';
import { measureCleartext, measureIgnored } from './metrics.js';

interface ReceivedSignal {
  readonly name: string;
  readonly args: readonly unknown[];
}

/**
 * Signals that came while this worker could not use them: encrypted with a key that it does not have, or not encrypted
 * where that is required. They never fail a workflow task, and are taken later if a worker can use them.
 */
export interface SetAside {
  /** Sets the signal aside if it can't be used now. Returns whether it did. Call it once for each signal. */
  add(signal: ReceivedSignal): boolean;
  /** Returns the signals that can be used now, and forgets them. */
  takeUsable(): readonly ReceivedSignal[];
}

interface SetAsideOptions {
  /** Names signals that may always come in cleartext. */
  readonly takesCleartext?: readonly string[];
}

/** `id`: its name, and which signal of that name it is. Signals of several names may come to a replay in another order. */
type Identified = ReceivedSignal & { readonly id: string };

/**
 * Whether a payload can be used depends on the worker's configuration, which may be another one on a replay. So each
 * decision is recorded in the history as a patch, and a replay repeats it (docs/encryption.md, "What a worker can't
 * decrypt"). A signal that could always be used records nothing.
 */
export function createSetAside({ takesCleartext = [] }: SetAsideOptions = {}): SetAside {
  const whyNot = ({ name, args }: ReceivedSignal): Why | undefined => {
    const whys = args.map(whyUnusable);
    if (whys.includes('sealed')) return 'sealed';
    return whys.includes('cleartext') && !takesCleartext.includes(name) ? 'cleartext' : undefined;
  };
  const counts = new Map<string, number>();
  let aside: readonly Identified[] = [];

  function identified(signal: ReceivedSignal): Identified {
    const count = (counts.get(signal.name) ?? 0) + 1;
    counts.set(signal.name, count);
    return { ...signal, id: `${signal.name}-${String(count)}` };
  }

  function add(given: ReceivedSignal): boolean {
    const signal = identified(given);
    const why = whyNot(signal);
    if (!isDecided(setAsidePatch(signal), why !== undefined)) {
      if (why === 'sealed') throw new SealedPayloadError(`a signal ${signal.name} that was taken before`);
      measureCleartext('signal', signal.args[0]);
      return false;
    }
    if (why !== undefined) {
      measureIgnored(signal.name, why);
      // One line for each delivery: whoever can signal could fill the log.
      if (aside.length === 0) log.warn(`signal set aside: ${UNUSABLE[why]}`, { signal: signal.name });
    }
    aside = [...aside, signal];
    return true;
  }

  return {
    add,
    takeUsable() {
      const usable = aside.filter((signal) => isDecided(takenPatch(signal), whyNot(signal) === undefined));
      const sealed = usable.find((signal) => whyNot(signal) === 'sealed');
      if (sealed !== undefined) throw new SealedPayloadError(`a signal ${sealed.name} that was taken before`);
      if (usable.length > 0) aside = aside.filter((signal) => !usable.includes(signal));
      return usable;
    },
  };
}

const setAsidePatch = ({ id }: Identified) => `set-aside-${id}`;
const takenPatch = ({ id }: Identified) => `taken-${id}`;

export type Why = 'sealed' | 'cleartext';

export const UNUSABLE: Readonly<Record<Why, string>> = {
  sealed: 'it is encrypted with a key that this worker does not have',
  cleartext: 'it is not encrypted, and PAYLOAD_ENCRYPTION_REQUIRED is true',
};

/** Undefined for a payload that this worker can use. */
export function whyUnusable(payload: unknown): Why | undefined {
  if (payload === SEALED) return 'sealed';
  return cleartextOf(payload) === 'refused' ? 'cleartext' : undefined;
}

/** Decides now and records it, or repeats what was decided. `patched` without a record in the history records nothing. */
export function isDecided(id: string, now: boolean): boolean {
  return workflowInfo().unsafe.isReplaying ? patched(id) : now && patched(id);
}
