import type { OptOutsWanted } from '../client/assemble-client.js';
import type { Agents } from '../contract/agents.js';
import {
  isSmsScope,
  optOutWorkflowIdFor,
  type OptOutEntry,
  type OptOutId,
  type OptOutLookUp,
  type OptOuts,
} from '../contract/opt-out.js';
import type { OptOutSummary } from '../opt-out/list-opt-outs.js';
import { placesOf } from '../opt-out/opt-out-places.js';
import { parseHashKeys } from '../opt-out/recipient-hash.js';

export interface FakeOptOuts {
  /** Undefined if there is no key. */
  readonly optOuts: (OptOuts & OptOutLookUp) | undefined;
  readonly list: (which: OptOutsWanted) => OptOutSummary[];
}

interface Kept {
  readonly id: OptOutId;
  readonly entries: OptOutEntry[];
  /** When the person opted in again, epoch milliseconds. */
  until?: number;
}

/** Opt-outs in memory, by the scopes and hashes of the real ones. */
export function createFakeOptOuts(recipientHashKey: string | undefined, agents: Agents): FakeOptOuts {
  const kept = new Map<string, Kept>();
  const at = (id: OptOutId) => kept.get(optOutWorkflowIdFor(id));
  const lasts = (id: OptOutId) => at(id) !== undefined && at(id)?.until === undefined;
  const list = ({ scopes, limit }: OptOutsWanted) =>
    [...kept.values()]
      .toReversed()
      .filter(({ id, until }) => until === undefined && (scopes?.includes(id.scope) ?? true))
      .slice(0, limit)
      .map(summaryOf);
  if (recipientHashKey === undefined) return { optOuts: undefined, list };
  const hashKeys = parseHashKeys(recipientHashKey);

  const optOuts: OptOuts & OptOutLookUp = {
    add(person, entry) {
      const { own, ofKind } = placesOf(person, { agents, hashKeys });
      const said = Date.parse(entry.sendTime);
      if (ofKind.some((id) => (at(id)?.until ?? -Infinity) > said)) return Promise.resolve();
      const before = lasts(own) ? (at(own)?.entries ?? []) : [];
      kept.set(optOutWorkflowIdFor(own), { id: own, entries: [...before, entry] });
      return Promise.resolve();
    },
    remove(person, entry) {
      const said = Date.parse(entry.sendTime);
      for (const id of placesOf(person, { agents, hashKeys }).ofKind.filter(lasts)) {
        const found = at(id);
        if (found?.entries.every(({ sendTime }) => Date.parse(sendTime) < said)) found.until = said;
      }
      return Promise.resolve();
    },
    isOptedOut: (person) => Promise.resolve(placesOf(person, { agents, hashKeys }).effective.some(lasts)),
  };
  return { optOuts, list };
}

function summaryOf({ id, entries: [first] }: Kept): OptOutSummary {
  return {
    workflowId: optOutWorkflowIdFor(id),
    ...id,
    ...(isSmsScope(id.scope) && { channel: 'sms' }),
    since: first?.sendTime ?? '',
    ...(first !== undefined && { source: first.source }),
  };
}
