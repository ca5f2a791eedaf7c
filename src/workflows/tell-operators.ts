import { log } from '@temporalio/workflow';
import type { Step } from '../domain/decide.js';
import { has, type Delivery } from '../domain/evidence.js';
import type { Instant } from '../domain/plan.js';
import { latenessOf } from '../domain/report.js';
import { measureFallback, measureSettled } from './metrics.js';
import { lastAnswers, needsHuman, settlementOf } from './settlement.js';

/**
 * Metrics, and one line in the log for a delivery that ends: a warning when somebody should look at it. Neither is part of
 * the history, and a replay tells nothing twice. The SDK adds the line's ids.
 */
export function tellOperators(delivery: Delivery, step: Step, now: Instant): void {
  if (step.do === 'sendSms' && !has(delivery, 'smsRequested')) measureFallback(delivery, latenessOf(delivery, now));
  if (step.do !== 'settle') return;
  const settlement = settlementOf(delivery, step.outcome);
  measureSettled(delivery, settlement);
  const fields = { ...settlement, ...lastAnswers(delivery) };
  if (needsHuman(delivery, settlement)) log.warn('delivery ended: look at it', fields);
  else log.info('delivery ended', fields);
}
