import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import type { DeliveryStack } from '../../../dev/stack/delivery-stack.js';
import { deliver, type TestDelivery } from '../support/deliver.js';
import { currentRun, reset, WITHOUT_SIGNALS } from '../support/reset.js';
import { BUDGET, looksBackIn, outcomeNow, type SmsInput } from './reset-run.js';

/** Stops the worker at times, so no other test may run beside it. */
export function resetsOfWhatIsGone(stack: () => DeliveryStack, sms: SmsInput): void {
  describe('whose former history is gone', () => {
    let delivery: TestDelivery;

    beforeAll(async () => {
      delivery = await deliver(stack(), {
        behaviour: { rcs: 'offline', smsReceipt: 'none' },
        input: { revocation: BUDGET, fallback: { sms: { ...sms, receiptTimeout: '1s' } } },
      });
      await delivery.ended();
      await stack().worker.stop();
      const { workflowId } = delivery.handle;
      const former = await currentRun(stack(), workflowId);
      await reset(stack(), workflowId, ...WITHOUT_SIGNALS);
      const { client } = stack();
      const execution = { namespace: client.options.namespace, workflowExecution: { workflowId, runId: former } };
      await client.workflowService.deleteWorkflowExecution(execution);
      const read = () => client.workflow.getHandle(workflowId, former).fetchHistory();
      await vi.waitFor(() => expect(read()).rejects.toThrow(), { timeout: 170_000, interval: 500 });
      await stack().worker.start();
    }, 240_000);
    afterAll(() => stack().worker.stop());

    test('creates nothing, and requests no second SMS without proof that none was sent', async () => {
      await delivery.until(({ timeline }) => timeline.some(({ detail }) => detail === 'unreadable'));
      if (sms.sender !== undefined) {
        // Twilio has the SMS, and says so.
        expect(await outcomeNow(stack(), delivery)).toMatchObject({ outcome: 'SENT_BY_SMS' });
      }
      // Its own look-back is before this point. It learned nothing, but a reset of that run does not rely on it.
      await reset(stack(), delivery.handle.workflowId, '--type', 'LastWorkflowTask');
      await delivery.until((status) => looksBackIn(status) === 2);
      expect({ sms: delivery.truth.sms, creates: delivery.truth.creates.length }).toEqual({ sms: 1, creates: 1 });
    }, 120_000);
  });
}
