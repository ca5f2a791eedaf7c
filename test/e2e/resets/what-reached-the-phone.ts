import { expect, test, vi } from 'vitest';
import type { DeliveryStack } from '../../../dev/stack/delivery-stack.js';
import { deliver, type Wanted } from '../support/deliver.js';
import { BOTH_WAYS, reset } from '../support/reset.js';
import { BUDGET, looksBackIn, outcomeNow, settlesAgain, type SmsInput } from './reset-run.js';
import { WAIT } from '../../support/wait.js';

export function resetsOfWhatReachedThePhone(stack: () => DeliveryStack, sms: SmsInput): void {
  const OUTCOMES: Record<string, Wanted> = {
    DELIVERED: { behaviour: 'delivers', input: { ttl: '60s', fallback: { sms } } },
    UNDELIVERABLE: { behaviour: 'notRcs', input: { ttl: '600s', fallback: null } },
    DELIVERED_BY_SMS: { behaviour: 'offline', input: { revocation: BUDGET, fallback: { sms } } },
    SENT_BY_SMS: {
      behaviour: { rcs: 'offline', smsReceipt: 'none' },
      input: { revocation: BUDGET, fallback: { sms: { ...sms, receiptTimeout: '1s' } } },
    },
  };
  const each = Object.entries(OUTCOMES).flatMap(([outcome, wanted]) =>
    BOTH_WAYS.map(([title, args]) => [outcome, title, wanted, args] as const),
  );

  test.each(each)('after %s, reset %s', async (outcome, _, wanted, args) => {
    const delivery = await deliver(stack(), wanted);
    await settlesAgain(stack(), delivery, args);
    expect((await outcomeNow(stack(), delivery)).outcome).toBe(outcome);
  });

  test('while the SMS request is under way: at most one SMS', async () => {
    const delivery = await deliver(stack(), {
      behaviour: { rcs: 'notRcs', sms: 'acceptThenHang' },
      input: { ttl: '600s', fallback: { sms } },
    });
    await vi.waitUntil(() => delivery.truth.smsRequests.length > 0, WAIT);
    await reset(stack(), delivery.handle.workflowId, '--type', 'LastWorkflowTask', '--reapply-exclude', 'All');
    await delivery.until((status) => looksBackIn(status) === 1);
    await vi.waitFor(() => {
      expect(delivery.truth.smsDelivered).toBe(1);
    }, WAIT);
    expect(delivery.truth.sms).toBe(1);
  });
}
