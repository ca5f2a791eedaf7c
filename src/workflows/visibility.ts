import { upsertSearchAttributes, workflowInfo } from '@temporalio/workflow';
import { defineSearchAttributeKey } from '@temporalio/common';
import { SEARCH_ATTRIBUTES } from '../contract/search-attributes.js';
import type { Outcome, Phase } from '../contract/status.js';

const STATUS = defineSearchAttributeKey('DeliveryStatus', SEARCH_ATTRIBUTES.DeliveryStatus);

/**
 * Tells operators where the delivery stands, if they can be told: a delivery that was started with DeliveryStatus is in a
 * namespace that knows it. Whether to tell thus depends on its history alone. Costs one event and one action.
 */
export function tellStatus(status: Phase | Outcome): void {
  const told = workflowInfo().typedSearchAttributes.get(STATUS);
  if (told !== undefined && told !== status) upsertSearchAttributes([{ key: STATUS, value: status }]);
}
