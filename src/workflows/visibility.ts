import { upsertSearchAttributes, workflowInfo } from '@temporalio/workflow';
import { defineSearchAttributeKey, type SearchAttributePair } from '@temporalio/common';
import { INDEX_MEMO, SEARCH_ATTRIBUTES } from '../contract/search-attributes.js';
import type { Outcome, Phase } from '../contract/status.js';
import { lastOf, type Delivery } from '../domain/evidence.js';
import { isDuplicate } from '../domain/report.js';

const STATUS = defineSearchAttributeKey('DeliveryStatus', SEARCH_ATTRIBUTES.DeliveryStatus);
const EXPIRE_TIME = defineSearchAttributeKey('ExpireTime', SEARCH_ATTRIBUTES.ExpireTime);
const DUPLICATE = defineSearchAttributeKey('IsDuplicate', SEARCH_ATTRIBUTES.IsDuplicate);

/** What operators search for, kept up to date as far as the namespace takes it. */
export interface Index {
  /** Costs one event and one action, if anything is new. `status` undefined: not worth telling. */
  tell(delivery: Delivery, status: Phase | Outcome | undefined): void;
}

export function openIndex(): Index {
  const told = toldAtTheStart();
  return {
    tell(delivery, status) {
      const expiry = lastOf(delivery, 'expiryChanged')?.expiresAt;
      const current: SearchAttributePair[] = [
        ...(status === undefined ? [] : [{ key: STATUS, value: status }]),
        ...(expiry === undefined ? [] : [{ key: EXPIRE_TIME, value: new Date(expiry) }]),
        { key: DUPLICATE, value: isDuplicate(delivery) },
      ];
      const news = current.filter(
        ({ key, value }) => told.has(key.name) && told.get(key.name) !== JSON.stringify(value),
      );
      for (const { key, value } of news) told.set(key.name, JSON.stringify(value));
      if (news.length > 0) upsertSearchAttributes(news);
    },
  };
}

/**
 * The attributes that the delivery was started with are those that its namespace knows. Our client says which in the memo:
 * the attributes themselves are read back under the namespace's names of today, so that one that was removed meanwhile
 * would be missing at a replay. Other starters that set attributes are believed without.
 */
function toldAtTheStart(): Map<string, string | undefined> {
  const { memo, typedSearchAttributes } = workflowInfo();
  const named = memo?.[INDEX_MEMO];
  if (Array.isArray(named)) {
    return new Map(named.map((name) => [String(name), START_VALUES[String(name)]]));
  }
  const status = typedSearchAttributes.get(STATUS);
  const known = new Map<string, string | undefined>(
    status === undefined ? [] : [[STATUS.name, JSON.stringify(status)]],
  );
  // Who doesn't know IsDuplicate began before an expiry was told, too.
  if (typedSearchAttributes.get(DUPLICATE) !== undefined) {
    known.set(DUPLICATE.name, START_VALUES[DUPLICATE.name]).set(EXPIRE_TIME.name, undefined);
  }
  return known;
}

/** As our client starts them, in JSON; see src/client/start-attributes.ts. */
const START_VALUES: Readonly<Record<string, string>> = { DeliveryStatus: '"AWAITING_DELIVERY"', IsDuplicate: 'false' };
