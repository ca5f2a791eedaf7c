import { upsertSearchAttributes, workflowInfo } from '@temporalio/workflow';
import { defineSearchAttributeKey, type SearchAttributePair } from '@temporalio/common';
import { INDEX_MEMO, SEARCH_ATTRIBUTES } from '../contract/search-attributes.js';
import type { Outcome, Phase } from '../contract/status.js';
import type { Delivery } from '../domain/delivery.js';
import { isDuplicate } from '../domain/report.js';

const STATUS = defineSearchAttributeKey('DeliveryStatus', SEARCH_ATTRIBUTES.DeliveryStatus);
const EXPIRE_TIME = defineSearchAttributeKey('ExpireTime', SEARCH_ATTRIBUTES.ExpireTime);
const DUPLICATE = defineSearchAttributeKey('IsDuplicate', SEARCH_ATTRIBUTES.IsDuplicate);

/** The search attributes of one delivery, as far as its namespace knows them. */
export interface SearchAttributes {
  /** Upserts what has changed: one event and one action. `status` undefined: leave DeliveryStatus as it is. */
  update(delivery: Delivery, status: Phase | Outcome | undefined): void;
}

export function openSearchAttributes(): SearchAttributes {
  const known = knownAtTheStart();
  return {
    update(delivery, status) {
      const { expiresAt, expiryChanged } = delivery.facts.rcs;
      const current: SearchAttributePair[] = [
        ...(status === undefined ? [] : [{ key: STATUS, value: status }]),
        ...(expiryChanged ? [{ key: EXPIRE_TIME, value: new Date(expiresAt) }] : []),
        { key: DUPLICATE, value: isDuplicate(delivery) },
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
  const known = new Map<string, string | undefined>(
    status === undefined ? [] : [[STATUS.name, JSON.stringify(status)]],
  );
  // Deliveries without IsDuplicate started before ExpireTime was kept up to date.
  if (typedSearchAttributes.get(DUPLICATE) !== undefined) {
    known.set(DUPLICATE.name, START_VALUES[DUPLICATE.name]).set(EXPIRE_TIME.name, undefined);
  }
  return known;
}

/** The values that our client sets at the start, as JSON; see src/client/start-attributes.ts. */
const START_VALUES: Readonly<Record<string, string>> = { DeliveryStatus: '"AWAITING_DELIVERY"', IsDuplicate: 'false' };
