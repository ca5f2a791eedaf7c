import { expect, test } from 'vitest';
import type { DeliveryStack } from '../../../dev/stack/delivery-stack.js';
import { deliver } from '../support/deliver.js';
import { activities, afterReset, kinds } from '../support/former-facts.js';
import { BOTH_WAYS, WITHOUT_SIGNALS } from '../support/reset.js';
import type { SmsInput } from './reset-run.js';

/** What a reset run learns from the run before it. */
export function lookBackWithTwilio(stack: () => DeliveryStack, sms: SmsInput): void {
  test.each(BOTH_WAYS)('a reset after DELIVERED_BY_SMS: %s', async (_, args) => {
    const delivery = await deliver(stack(), {
      behaviour: { rcs: 'notRcs' },
      input: { ttl: '600s', fallback: { sms } },
    });
    await delivery.ended();

    const former = await afterReset(stack(), delivery, ...args);

    expect(kinds(former)).toEqual(['completed', 'sendRcs failed', 'sendSms completed', 'smsStatus']);
    expect(former.facts.at(-1)).toMatchObject({ outcome: 'DELIVERED_BY_SMS' });
    expect(activities(former, 'sendSms')).toMatchObject([{ result: { provider: 'twilio' } }]);
  });

  test('a reset after SENT_BY_SMS, whose request had no answer', async () => {
    const delivery = await deliver(stack(), {
      behaviour: { rcs: 'notRcs', sms: ['acceptThenReset', 'ok'], smsReceipt: 'none' },
      input: { ttl: '600s', fallback: { sms: { ...sms, receiptTimeout: '1s' } } },
    });
    await delivery.ended();

    const former = await afterReset(stack(), delivery, ...WITHOUT_SIGNALS);

    expect(activities(former).slice(1)).toMatchObject([
      { end: 'failed', failure: { type: 'SmsUnanswered', details: { provider: 'twilio', repeatable: false } } },
      { type: 'reconcileSms', end: 'completed', result: { found: 'yes', provider: 'twilio' } },
    ]);
    expect(former.facts.at(-1)).toMatchObject({ outcome: 'SENT_BY_SMS' });
  });
}
