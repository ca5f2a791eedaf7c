import type { MessageDeliveryInput } from '../../src/contract/input.js';
import type { Delivery, Evidence } from '../../src/domain/evidence.js';
import { planFor } from '../../src/domain/plan.js';

type Finding = Evidence extends infer E ? (E extends Evidence ? Omit<E, 'at'> : never) : never;
/** What is known: a finding, so many seconds after the start. */
export type Known = readonly [seconds: number, finding: Finding];

export const START = Date.UTC(2026, 0, 1);

/** Expires at 60 s, with a grace of 5 s and a budget of 30 s. */
const BASE: MessageDeliveryInput = {
  agentId: 'acme-agent',
  messageId: '0b2f6d0e-3c1f-4a57-9d8e-1f3f5a7b9c21',
  recipient: '+15550100001',
  contentMessage: { text: 'x' },
  ttl: '60s',
  fallback: { sms: { text: 'x' } },
};

export function deliveryOf(known: readonly Known[], given: Partial<MessageDeliveryInput> = {}): Delivery {
  const evidence = known.map(([seconds, finding]): Evidence => ({ at: START + seconds * 1_000, ...finding }));
  return { plan: planFor({ ...BASE, ...given }, START), evidence };
}
