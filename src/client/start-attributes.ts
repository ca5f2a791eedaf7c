import { defineSearchAttributeKey, type SearchAttributePair, type TypedSearchAttributes } from '@temporalio/common';
import { durationToMs } from '../contract/duration.js';
import type { MessageDeliveryInput } from '../contract/input.js';
import { INDEX_MEMO, SEARCH_ATTRIBUTES as TYPES, type SearchAttributeName } from '../contract/search-attributes.js';
import { parseHashKeys, recipientHash } from '../opt-out/recipient-hash.js';
import { STARTED } from '../contract/status.js';
import { isShortLived, SHORT_LIVED_MEMO } from '../contract/versioning.js';
import { createAttributedStart } from '../temporal/attributed-start.js';

/**
 * The search attributes of a new delivery. No payload codec encrypts search attributes, so the recipient is a keyed
 * hash. Without a key there is no hash, since every phone number could be tried against a plain one.
 */
function startAttributes(
  input: MessageDeliveryInput,
  { now, hashKey }: { readonly now: number; readonly hashKey: string | undefined },
): SearchAttributePair[] {
  const { agentId, messageTrafficType, campaignId, ttl, expireTime = '' } = input;
  const expires = ttl === undefined ? new Date(expireTime) : new Date(now + durationToMs(ttl));
  const keyword = (name: Exclude<SearchAttributeName, 'ExpireTime' | 'IsDuplicate'>, value?: string) =>
    value === undefined ? [] : [{ key: defineSearchAttributeKey(name, TYPES[name]), value }];
  return [
    ...keyword('DeliveryStatus', STARTED),
    ...keyword('RbmAgentId', agentId),
    ...keyword('MessageTrafficType', messageTrafficType),
    ...keyword('CampaignId', campaignId),
    ...keyword('RecipientHash', hashKey && recipientHash(input.recipient, hashKey)),
    { key: defineSearchAttributeKey('ExpireTime', TYPES.ExpireTime), value: expires },
    { key: defineSearchAttributeKey('IsDuplicate', TYPES.IsDuplicate), value: false },
    ...keyword('FallbackReason', 'none'),
  ];
}

type Start<T> = (attributes: {
  readonly typedSearchAttributes?: TypedSearchAttributes;
  readonly memo?: Readonly<Record<string, readonly string[] | true>>;
}) => Promise<T>;

/**
 * Starts deliveries with the search attributes that the namespace accepts, and names those in the memo. The memo also says
 * whether the delivery is over soon. Throws a TypeError for an empty key.
 */
export function createDeliveryStart(options: {
  readonly recipientHashKey?: string | undefined;
  /** true: starts without search attributes. */
  readonly none?: boolean;
}) {
  const { recipientHashKey, none = false } = options;
  const hashKey = recipientHashKey === undefined ? undefined : parseHashKeys(recipientHashKey)[0];
  const attributedStart = createAttributedStart();
  return async function startDelivery<T>(input: MessageDeliveryInput, start: Start<T>): Promise<T> {
    const now = Date.now();
    const memo = isShortLived(input, now) ? { [SHORT_LIVED_MEMO]: true as const } : {};
    if (none) return start({ memo });
    return attributedStart(startAttributes(input, { now, hashKey }), (typedSearchAttributes) => {
      if (typedSearchAttributes === undefined) return start({ memo });
      const names = typedSearchAttributes.getAll().map(({ key }) => key.name);
      return start({ typedSearchAttributes, memo: { ...memo, [INDEX_MEMO]: names } });
    });
  };
}
