import { defineSearchAttributeKey, TypedSearchAttributes, type SearchAttributePair } from '@temporalio/common';
import { durationToMs } from '../contract/duration.js';
import type { MessageDeliveryInput } from '../contract/input.js';
import { INDEX_MEMO, SEARCH_ATTRIBUTES as TYPES, type SearchAttributeName } from '../contract/search-attributes.js';
import { searchAttributeRefusal } from '../temporal/server-texts.js';
import { assertRecipientHashKey, recipientHash } from './recipient-hash.js';

/**
 * The search attributes that a delivery starts with: they cost nothing at the start. Not encrypted by any codec, so the
 * recipient is a keyed hash, and absent without a key: numbers are few enough to try them all against a plain one.
 */
export function startAttributes(
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
    // What it will be within a second; the workflow says so when it is not.
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
/** Somebody may run `rcs-delivery setup` meanwhile. */
const ASK_AGAIN_MS = 5 * 60_000;

type Start<T> = (attributes: {
  readonly typedSearchAttributes?: TypedSearchAttributes;
  readonly memo?: Readonly<Record<string, readonly string[]>>;
}) => Promise<T>;

/**
 * Starts with those search attributes that the namespace takes: one that it lacks, or has as another type, must not cost a
 * delivery. Each of these costs one refused start now and then, not one for each delivery.
 * Throws a TypeError for an empty key.
 */
export function createAttributedStart(options: {
  readonly recipientHashKey?: string | undefined;
  /** Starts without any. */
  readonly none?: boolean;
}) {
  const { recipientHashKey, none = false } = options;
  if (recipientHashKey !== undefined) assertRecipientHashKey(recipientHashKey);
  const refused = new Set<SearchAttributeName>();
  let askAgainAt = Infinity;
  return async function attributedStart<T>(input: MessageDeliveryInput, start: Start<T>): Promise<T> {
    if (none) return start({});
    if (Date.now() >= askAgainAt) {
      refused.clear();
      askAgainAt = Infinity;
    }
    const all = startAttributes(input, { now: Date.now(), recipientHashKey });
    for (;;) {
      const wanted = all.filter(({ key }) => !refused.has(key.name as SearchAttributeName));
      if (wanted.length === 0) return start({});
      try {
        const memo = { [INDEX_MEMO]: wanted.map(({ key }) => key.name) };
        return await start({ typedSearchAttributes: new TypedSearchAttributes(wanted), memo });
      } catch (error) {
        const text = searchAttributeRefusal(error);
        if (text === undefined) throw error;
        const named = wanted.map(({ key }) => key.name as SearchAttributeName).filter((name) => text.includes(name));
        for (const name of named.length > 0 ? named : NAMES) refused.add(name);
        askAgainAt = Math.min(askAgainAt, Date.now() + ASK_AGAIN_MS);
      }
    }
  };
}
