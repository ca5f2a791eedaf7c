import { upsertSearchAttributes, workflowInfo } from '@temporalio/workflow';
import { defineSearchAttributeKey, type SearchAttributePair } from '@temporalio/common';
import { SEARCH_ATTRIBUTES } from '../contract/search-attributes.js';
import type { Outcome, Phase } from '../contract/status.js';
import { lastOf, type Delivery } from '../domain/evidence.js';
import { isDuplicate } from '../domain/report.js';

const STATUS = defineSearchAttributeKey('DeliveryStatus', SEARCH_ATTRIBUTES.DeliveryStatus);
const EXPIRE_TIME = defineSearchAttributeKey('ExpireTime', SEARCH_ATTRIBUTES.ExpireTime);
const DUPLICATE = defineSearchAttributeKey('IsDuplicate', SEARCH_ATTRIBUTES.IsDuplicate);

/**
 * Tells operators what they search for, as far as they can be told: an attribute that a delivery was started with is one
 * that its namespace knows. Whether to tell thus depends on its history alone. Costs one event and one action, if anything
 * is new. `status` undefined: not worth telling.
 */
export function tellIndex(delivery: Delivery, status: Phase | Outcome | undefined): void {
  const expiry = lastOf(delivery, 'expiryChanged')?.expiresAt;
  const current: SearchAttributePair[] = [
    ...(status === undefined ? [] : [{ key: STATUS, value: status }]),
    ...(expiry === undefined ? [] : [{ key: EXPIRE_TIME, value: new Date(expiry) }]),
    { key: DUPLICATE, value: isDuplicate(delivery) },
  ];
  const told = workflowInfo().typedSearchAttributes;
  const news = current.filter(({ key, value }) => {
    const last = told.get(key);
    return last !== undefined && JSON.stringify(last) !== JSON.stringify(value);
  });
  if (news.length > 0) upsertSearchAttributes(news);
}
