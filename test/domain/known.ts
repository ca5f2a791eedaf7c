import type { MessageDeliveryInput } from '../../src/contract/input.js';
import { decide } from '../../src/domain/decide.js';
import { deliveryFrom, type Delivery } from '../../src/domain/delivery.js';
import type { Evidence, Finding } from '../../src/domain/evidence.js';
import { planFor, type Instant } from '../../src/domain/plan.js';

/** What is known: a finding, so many seconds after the start. */
export type Known = readonly [seconds: number, finding: Finding];

export const START: Instant = Date.UTC(2026, 0, 1);
/** The start and so many seconds. */
export const s = (seconds: number): Instant => START + seconds * 1_000;

/** Expires at 60 s, with a grace of 5 s and a budget of 30 s; the decision is due at 90 s. */
const BASE: MessageDeliveryInput = {
  agentId: 'acme-agent',
  messageId: '0b2f6d0e-3c1f-4a57-9d8e-1f3f5a7b9c21',
  recipient: '+15550100001',
  contentMessage: { text: 'x' },
  messageTrafficType: 'AUTHENTICATION',
  ttl: '60s',
  fallback: { sms: { text: 'x' } },
};

export function deliveryOf(known: readonly Known[], given: Partial<MessageDeliveryInput> = {}): Delivery {
  const evidence = known.map(([seconds, finding]): Evidence => ({ at: s(seconds), ...finding }));
  return deliveryFrom(planFor({ ...BASE, ...given }, START), evidence);
}

/** The step that is decided, or `settle` with the outcome. */
export function stepOf({ facts, plan }: Delivery, now: Instant) {
  const decision = decide(facts, plan, now);
  return 'outcome' in decision ? ({ do: 'settle', outcome: decision.outcome } as const) : decision.step;
}
