import { createHmac } from 'node:crypto';
import { defineSearchAttributeKey, TypedSearchAttributes, type SearchAttributePair } from '@temporalio/common';
import { durationToMs } from '../contract/duration.js';
import type { MessageDeliveryInput } from '../contract/input.js';
import { SEARCH_ATTRIBUTES as TYPES } from '../contract/search-attributes.js';

/**
 * The search attributes that a delivery starts with: they cost nothing at the start. Not encrypted by any codec, so the
 * recipient is a keyed hash, and absent without a key: numbers are few enough to try them all against a plain one.
 */
export function startAttributes(
  input: MessageDeliveryInput,
  { now, recipientHashKey }: { readonly now: number; readonly recipientHashKey: string | undefined },
): TypedSearchAttributes {
  const { agentId, messageTrafficType, campaignId, ttl, expireTime = '' } = input;
  const expires = ttl === undefined ? new Date(expireTime) : new Date(now + durationToMs(ttl));
  const keyword = (
    name: 'DeliveryStatus' | 'RbmAgentId' | 'MessageTrafficType' | 'RecipientHash' | 'CampaignId',
    value?: string,
  ) => (value === undefined ? [] : [{ key: defineSearchAttributeKey(name, TYPES[name]), value }]);
  const pairs: SearchAttributePair[] = [
    // What it will be within a second; the workflow says so when it is not.
    ...keyword('DeliveryStatus', 'AWAITING_DELIVERY'),
    ...keyword('RbmAgentId', agentId),
    ...keyword('MessageTrafficType', messageTrafficType),
    ...keyword('CampaignId', campaignId),
    ...keyword('RecipientHash', recipientHashKey && recipientHash(input.recipient, recipientHashKey)),
    { key: defineSearchAttributeKey('ExpireTime', TYPES.ExpireTime), value: expires },
  ];
  return new TypedSearchAttributes(pairs);
}

/** HMAC-SHA-256 of the E.164 number, the first 32 hexadecimal digits. */
export function recipientHash(recipient: string, key: string): string {
  return createHmac('sha256', key).update(recipient).digest('hex').slice(0, 32);
}
