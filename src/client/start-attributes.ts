import { defineSearchAttributeKey, TypedSearchAttributes, type SearchAttributePair } from '@temporalio/common';
import { durationToMs } from '../contract/duration.js';
import type { MessageDeliveryInput } from '../contract/input.js';
import { INDEX_MEMO, SEARCH_ATTRIBUTES as TYPES, type SearchAttributeName } from '../contract/search-attributes.js';
import { searchAttributeRefusal } from '../temporal/server-texts.js';
import { assertRecipientHashKey, recipientHash } from './recipient-hash.js';

/**
 * The search attributes of a new delivery. No payload codec encrypts search attributes, so the recipient is a keyed
 * hash. Without a key there is no hash, since every phone number could be tried against a plain one.
 */
function startAttributes(
  input: MessageDeliveryInput,
  { now, recipientHashKey }: { readonly now: number; readonly recipientHashKey: string | undefined },
): SearchAttributePair[] {
  const { agentId, messageTrafficType, campaignId, ttl, expireTime = '' } = input;
  const expires = ttl === undefined ? new Date(expireTime) : new Date(now + durationToMs(ttl));
  const keyword = (
    name: 'DeliveryStatus' | 'RbmAgentId' | 'MessageTrafficType' | 'RecipientHash' | 'CampaignId',
    value?: string,
  ) => (value === undefined ? [] : [{ key: defineSearchAttributeKey(name, TYPES[name]), value }]);
  return [
    // True within a second in most cases. Otherwise the workflow corrects it.
    ...keyword('DeliveryStatus', 'AWAITING_DELIVERY'),
    ...keyword('RbmAgentId', agentId),
    ...keyword('MessageTrafficType', messageTrafficType),
    ...keyword('CampaignId', campaignId),
    ...keyword('RecipientHash', recipientHashKey && recipientHash(input.recipient, recipientHashKey)),
    { key: defineSearchAttributeKey('ExpireTime', TYPES.ExpireTime), value: expires },
    { key: defineSearchAttributeKey('IsDuplicate', TYPES.IsDuplicate), value: false },
  ];
}

const NAMES = Object.keys(TYPES) as SearchAttributeName[];
/** How long refused attributes are left out, in milliseconds. `rcs-delivery setup` may add them in that time. */
const RETRY_AFTER_MS = 5 * 60_000;

type Start<T> = (attributes: {
  readonly typedSearchAttributes?: TypedSearchAttributes;
  readonly memo?: Readonly<Record<string, readonly string[]>>;
}) => Promise<T>;

/**
 * Starts deliveries with the search attributes that the namespace accepts. One that it lacks, or has with another type,
 * must not stop a delivery: it is left out, then tried again after five minutes. Throws a TypeError for an empty key.
 */
export function createAttributedStart(options: {
  readonly recipientHashKey?: string | undefined;
  /** true: starts without search attributes. */
  readonly none?: boolean;
}) {
  const { recipientHashKey, none = false } = options;
  if (recipientHashKey !== undefined) assertRecipientHashKey(recipientHashKey);
  const refused = new Set<SearchAttributeName>();
  let retryAt = Infinity;
  return async function attributedStart<T>(input: MessageDeliveryInput, start: Start<T>): Promise<T> {
    if (none) return start({});
    if (Date.now() >= retryAt) {
      refused.clear();
      retryAt = Infinity;
    }
    const all = startAttributes(input, { now: Date.now(), recipientHashKey });
    for (;;) {
      const wanted = all.filter(({ key }) => !refused.has(key.name as SearchAttributeName));
      if (wanted.length === 0) return start({});
      try {
        const memo = { [INDEX_MEMO]: wanted.map(({ key }) => key.name) };
        return await start({ typedSearchAttributes: new TypedSearchAttributes(wanted), memo });
      } catch (error) {
        const refusal = searchAttributeRefusal(error);
        if (refusal === undefined) throw error;
        const named = wanted.map(({ key }) => key.name as SearchAttributeName).filter((name) => refusal.includes(name));
        for (const name of named.length > 0 ? named : NAMES) refused.add(name);
        retryAt = Math.min(retryAt, Date.now() + RETRY_AFTER_MS);
      }
    }
  };
}
