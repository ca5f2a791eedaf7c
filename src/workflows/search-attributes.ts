import { upsertSearchAttributes, workflowInfo } from '@temporalio/workflow';
import { defineSearchAttributeKey, type SearchAttributePair } from '@temporalio/common';
import { INDEX_MEMO, SEARCH_ATTRIBUTES } from '../contract/search-attributes.js';
import { STARTED, type ListedStatus } from '../contract/status.js';
import type { Delivery } from '../domain/delivery.js';
import { isDuplicate } from '../domain/report.js';

const STATUS = defineSearchAttributeKey('DeliveryStatus', SEARCH_ATTRIBUTES.DeliveryStatus);
const EXPIRE_TIME = defineSearchAttributeKey('ExpireTime', SEARCH_ATTRIBUTES.ExpireTime);
const FALLBACK_REASON = defineSearchAttributeKey('FallbackReason', SEARCH_ATTRIBUTES.FallbackReason);
const DUPLICATE = defineSearchAttributeKey('IsDuplicate', SEARCH_ATTRIBUTES.IsDuplicate);

/** The search attributes of one delivery, as far as its namespace knows them. */
export interface SearchAttributes {
  /** Upserts what has changed: one event and one action. `status` undefined: leave DeliveryStatus as it is. */
  update(delivery: Delivery, status: ListedStatus | undefined): void;
  /** Deliveries that were started before FallbackReason list SENDING during the first create too. */
  readonly listsFirstCreate: boolean;
}

export function openSearchAttributes(): SearchAttributes {
  const known = knownAtTheStart();
  return {
    listsFirstCreate: !known.has(FALLBACK_REASON.name),
    update(delivery, status) {
      const { expiresAt, expiryChanged } = delivery.facts.rcs;
      const { fallbackReason } = delivery.facts;
      const current: SearchAttributePair[] = [
        ...(status === undefined ? [] : [{ key: STATUS, value: status }]),
        ...(expiryChanged ? [{ key: EXPIRE_TIME, value: new Date(expiresAt) }] : []),
        { key: DUPLICATE, value: isDuplicate(delivery) },
        // It comes with the next status: alone it would cost an event.
        ...(status === undefined || fallbackReason === undefined
          ? []
          : [{ key: FALLBACK_REASON, value: fallbackReason }]),
      ];
      const changed = current.filter(
        ({ key, value }) => known.has(key.name) && known.get(key.name) !== JSON.stringify(value),
      );
      for (const { key, value } of changed) known.set(key.name, JSON.stringify(value));
      if (changed.length > 0) upsertSearchAttributes(changed);
    },
  };
}

/**
 * The attributes that the delivery was started with, by name, with their values as JSON: its namespace has these. Our
 * client also names them in the memo. That is read first, since the attributes themselves change on a replay after one
 * was removed from the namespace.
 */
function knownAtTheStart(): Map<string, string | undefined> {
  const { memo, typedSearchAttributes } = workflowInfo();
  const named = memo?.[INDEX_MEMO];
  if (Array.isArray(named)) return new Map(named.map((name) => [String(name), START_VALUES[String(name)]]));
  // Another starter, without the memo: use the attributes that it set.
  const status = typedSearchAttributes.get(STATUS);
  const known = new Map<string, string | undefined>(status === undefined ? [] : [[STATUS.name, startValue(status)]]);
  if (typedSearchAttributes.get(FALLBACK_REASON) !== undefined) {
    known.set(FALLBACK_REASON.name, START_VALUES[FALLBACK_REASON.name]);
  }
  // Deliveries without IsDuplicate started before ExpireTime was kept up to date.
  if (typedSearchAttributes.get(DUPLICATE) !== undefined) {
    known.set(DUPLICATE.name, START_VALUES[DUPLICATE.name]).set(EXPIRE_TIME.name, undefined);
  }
  return known;
}

/** Starters used to say AWAITING_DELIVERY, which is listed as STARTED now. */
const startValue = (status: string): string => JSON.stringify(status === 'AWAITING_DELIVERY' ? STARTED : status);

/** The values that our client sets at the start, as JSON; see src/client/start-attributes.ts. */
const START_VALUES: Readonly<Record<string, string>> = {
  DeliveryStatus: JSON.stringify(STARTED),
  IsDuplicate: 'false',
  FallbackReason: '"none"',
};
