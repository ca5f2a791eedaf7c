import { optOutScopes, type Agents } from '../contract/agents.js';
import { smsScope, type OptOutId, type OptOutPerson } from '../contract/opt-out.js';
import { recipientHashes, type HashKeys } from './recipient-hash.js';

export interface PlaceOptions {
  readonly agents: Agents;
  readonly hashKeys: HashKeys;
}

/** Where one person's opt-outs may be kept: in each scope that counts, by each hash key. */
export interface OptOutPlaces {
  /** Where a new one of this kind (from every message, or from SMS alone) is kept. */
  readonly own: OptOutId;
  /** All of this kind. */
  readonly ofKind: readonly OptOutId[];
  /** All that stop what is about to be sent. An SMS is stopped by both kinds. */
  readonly effective: readonly OptOutId[];
  readonly hashes: readonly string[];
  /** The agents that the opt-out is about. */
  readonly agentIds: readonly string[];
}

export function placesOf({ agentId, recipient, channel }: OptOutPerson, options: PlaceOptions): OptOutPlaces {
  const scopes = optOutScopes(options.agents, agentId);
  const hashes = recipientHashes(recipient, options.hashKeys);
  const [scope] = scopes;
  const [recipientHash] = hashes;
  const each = (names: readonly string[]) =>
    names.flatMap((name) => hashes.map((hash) => ({ scope: name, recipientHash: hash })));
  const general = each(scopes);
  if (channel === undefined) {
    return { own: { scope, recipientHash }, ofKind: general, effective: general, hashes, agentIds: scopes };
  }
  const ofSms = each(scopes.map(smsScope));
  const own = { scope: smsScope(scope), recipientHash };
  return { own, ofKind: ofSms, effective: [...general, ...ofSms], hashes, agentIds: scopes };
}
