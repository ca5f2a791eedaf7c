import { log } from '@temporalio/workflow';
import type { Delivery } from '../domain/delivery.js';
import { lastAnswers, needsAttention, type Settlement } from '../domain/settlement.js';

/**
 * One line for a delivery that has settled: a warning if a person should look at it. The SDK adds the ids; a replay
 * logs nothing.
 */
export function logSettled(delivery: Delivery, settlement: Settlement): void {
  const fields = { ...settlement, ...lastAnswers(delivery) };
  if (needsAttention(delivery, settlement)) log.warn('delivery needs attention', fields);
  else log.info('delivery settled', fields);
}
