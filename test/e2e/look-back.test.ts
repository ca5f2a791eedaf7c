import { Client, type WorkflowHandleWithFirstExecutionRunId } from '@temporalio/client';
import type proto from '@temporalio/proto';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { lookBack } from '../../src/activities/look-back.js';
import { changeExpiryUpdate, revokeNowUpdate } from '../../src/contract/messages.js';
import { createRunHistories } from '../../src/temporal/run-histories.js';
import { createDataConverter } from '../../src/encryption/data-converter.js';
import { keyText, testKeys } from '../encryption/test-keys.js';
import { deliver, type TestDelivery } from './support/deliver.js';
import { activities, afterReset, kinds, learned, signals } from './support/former-facts.js';
import { BOTH_WAYS, currentRun, FIRST, reset, resetWith, WITHOUT_SIGNALS } from './support/reset.js';
import { useStack } from './support/use-stack.js';
import { WAIT } from '../support/wait.js';

type HistoryEvent = proto.temporal.api.history.v1.IHistoryEvent;

const { PATH, HOME, TMPDIR } = process.env;

/** The number of the event with which the workflow task after the first signal completed. */
async function taskAfterSignal({ handle }: TestDelivery): Promise<string> {
  const events = (await handle.fetchHistory()).events ?? [];
  const signal = events.findIndex((event) => event.workflowExecutionSignaledEventAttributes);
  const task = events.slice(signal).find((event) => event.workflowTaskCompletedEventAttributes);
  return String(task?.eventId);
}

async function countOf(attributes: keyof HistoryEvent, { handle }: TestDelivery): Promise<number> {
  const events = (await handle.fetchHistory()).events ?? [];
  return events.filter((event) => event[attributes]).length;
}
const taskCompletions = (delivery: TestDelivery) => countOf('workflowTaskCompletedEventAttributes', delivery);
const childrenStarted = (delivery: TestDelivery) =>
  countOf('startChildWorkflowExecutionInitiatedEventAttributes', delivery);

const DELIVERED = ['completed', 'delivered', 'sendRcs completed'];
const EVENT = { eventId: 'event-1', sendTime: '2026-01-02T03:04:05Z' };

const smsOnly = { behaviour: { rcs: 'notRcs' }, input: { ttl: '600s' } } as const;

describe('with the http provider and encryption', () => {
  const stack = useStack({ inherited: { PATH, HOME, TMPDIR, PAYLOAD_ENCRYPTION_KEYS: keyText('current') } });

  describe.concurrent('a reset', () => {
    test.each(BOTH_WAYS)('after DELIVERED: %s', async (_, args) => {
      const delivery = await deliver(stack(), { behaviour: 'delivers', input: { ttl: '60s' } });
      await delivery.ended();

      const former = await afterReset(stack(), delivery, ...args);

      expect(kinds(former)).toEqual(DELIVERED);
      expect(activities(former)).toMatchObject([{ local: true, result: { acceptedEarlier: false } }]);
      expect(signals(former)).toMatchObject([
        { payload: { eventId: expect.any(String) as string, sendTime: expect.any(String) as string } },
      ]);
      expect(former.facts.at(-1)).toMatchObject({ kind: 'completed', outcome: 'DELIVERED' });
      expect(former.notifications).toBe(0);
    });

    test.each(BOTH_WAYS)('after DELIVERED_BY_SMS: %s', async (_, args) => {
      // On a busy machine, the DELETE needs more than the usual budget of these tests.
      const revocation = { grace: '1s', budget: '30s' };
      const delivery = await deliver(stack(), { behaviour: 'offline', input: { revocation } });
      await delivery.ended();

      const former = await afterReset(stack(), delivery, ...args);

      const sms = ['revokeRcs completed', 'sendRcs completed', 'sendSms completed', 'smsStatus'];
      expect(kinds(former)).toEqual(['completed', ...sms]);
      expect(activities(former, 'sendSms')).toMatchObject([
        { local: false, result: { provider: 'http', providerMessageId: expect.any(String) as string } },
      ]);
      expect(signals(former)).toMatchObject([{ payload: { status: 'DELIVERED' } }]);
    });

    test('after a 404 to the create, and an SMS that the provider refused', async () => {
      const delivery = await deliver(stack(), { ...smsOnly, behaviour: { rcs: 'notRcs', sms: 400 } });
      await delivery.ended();

      const former = await afterReset(stack(), delivery, ...FIRST);

      expect(activities(former)).toMatchObject([
        { type: 'sendRcs', local: true, end: 'failed', failure: { type: 'RbmNotFound', details: { httpStatus: 404 } } },
        { type: 'sendSms', end: 'failed', failure: { type: 'SmsRefused', details: { provider: 'http' } } },
      ]);
    });

    test('after a cancellation, which Temporal does not give to the new run', async () => {
      const delivery = await deliver(stack(), { behaviour: 'offline', input: { ttl: '600s' } });
      await delivery.inPhase('AWAITING_DELIVERY');
      await delivery.handle.cancel();
      await delivery.ended();

      const former = await afterReset(stack(), delivery, ...FIRST);

      expect(kinds(former)).toEqual(['cancelRequested', 'completed', 'revokeRcs completed', 'sendRcs completed']);
      expect(former.facts.at(-1)).toMatchObject({ outcome: 'CANCELLED' });
    });

    test('after changeExpiry and revokeNow; a refused update is no fact', async () => {
      const delivery = await deliver(stack(), { behaviour: 'offline', input: { ttl: '600s' } });
      await delivery.inPhase('AWAITING_DELIVERY');
      const expireTime = new Date(Date.now() + 900_000).toISOString();
      const past = { args: [{ expireTime: '2026-01-02T03:04:05Z' }] as const };
      await delivery.handle.executeUpdate(changeExpiryUpdate, { args: [{ expireTime }] });
      await expect(delivery.handle.executeUpdate(changeExpiryUpdate, { args: [...past.args] })).rejects.toThrow();
      await delivery.handle.executeUpdate(revokeNowUpdate, { args: [{ reason: 'wrong price', fallback: 'none' }] });
      await delivery.ended();

      const former = await afterReset(stack(), delivery, ...WITHOUT_SIGNALS);

      expect(former.facts.filter(({ kind }) => kind === 'update')).toMatchObject([
        { name: 'changeExpiry', input: { expireTime } },
        { name: 'revokeNow', input: { reason: 'wrong price', fallback: 'none' } },
      ]);
    });

    test('while an SMS request is open', async () => {
      const delivery = await deliver(stack(), { ...smsOnly, behaviour: { rcs: 'notRcs', sms: 'acceptThenHang' } });
      await vi.waitUntil(() => delivery.truth.smsRequests.length > 0, WAIT);

      const former = await afterReset(stack(), delivery, ...FIRST);

      expect(activities(former)).toMatchObject([{ type: 'sendRcs' }, { type: 'sendSms', end: 'open' }]);
      expect(activities(former, 'sendSms')[0]).not.toHaveProperty('endTime');
    });

    test('to a point after the request and before its answer: the answer is a fact', async () => {
      const delivery = await deliver(stack(), {
        ...smsOnly,
        behaviour: { rcs: 'notRcs', sms: { delay: '2s' }, smsReceiptDelay: '3s' },
      });
      await vi.waitUntil(() => delivery.truth.smsRequests.length > 0, WAIT);
      // Changes nothing, but takes a workflow task.
      await delivery.handle.signal('ttlExpirationRevoked', { eventId: 'late', sendTime: '2026-01-02T03:04:05Z' });
      await delivery.ended();

      const former = await afterReset(stack(), delivery, '--event-id', await taskAfterSignal(delivery));

      expect(kinds(former)).toEqual(['completed', 'sendSms completed', 'smsStatus']);
    });

    test('of a run that had no answer from the SMS provider', async () => {
      const delivery = await deliver(stack(), {
        behaviour: { rcs: 'notRcs', sms: ['acceptThenReset', 'ok'], smsReceipt: 'none' },
        input: { ttl: '600s', fallback: { sms: { text: 'Your code is 482913', receiptTimeout: '1s' } } },
      });
      await delivery.ended();

      const former = await afterReset(stack(), delivery, ...WITHOUT_SIGNALS);

      expect(activities(former, 'sendSms')).toMatchObject([
        { end: 'failed', failure: { type: 'SmsUnanswered', details: { provider: 'http', repeatable: true } } },
        { end: 'completed', result: { provider: 'http' } },
      ]);
    });

    test('counts the notifications', async () => {
      const notify = { url: 'https://hooks.example.com/', phases: true };
      const delivery = await deliver(stack(), { behaviour: 'delivers', input: { ttl: '60s', notify } });
      await delivery.ended();
      // A create that takes longer than a local attempt is a phase more.
      const sent = await childrenStarted(delivery);
      expect(sent).toBeGreaterThanOrEqual(2);

      const former = await afterReset(stack(), delivery, ...FIRST);

      expect(former.notifications).toBe(sent);
    });

    test('of a reset run: what both runs before had learned', async () => {
      const delivery = await deliver(stack(), { behaviour: 'delivers', input: { ttl: '60s' } });
      await delivery.ended();
      await reset(stack(), delivery.handle.workflowId, ...WITHOUT_SIGNALS);
      await vi.waitUntil(async () => (await taskCompletions(delivery)) > 0, WAIT);

      const former = await afterReset(stack(), delivery, ...WITHOUT_SIGNALS);

      expect(kinds(former)).toEqual(expect.arrayContaining(DELIVERED));
    });

    test('of many by a query', async () => {
      const deliveries = await Promise.all(
        [1, 2].map(() => deliver(stack(), { behaviour: 'delivers', input: { ttl: '60s' } })),
      );
      await Promise.all(deliveries.map((delivery) => delivery.ended()));
      const query = deliveries.map(({ handle }) => `WorkflowId = '${handle.workflowId}'`).join(' OR ');
      await vi.waitUntil(async () => (await stack().client.workflow.count(query)).count === 2, WAIT);

      await resetWith(stack(), '--query', query, '--yes', ...WITHOUT_SIGNALS);

      for (const delivery of deliveries) {
        const { workflowId, firstExecutionRunId } = delivery.handle as WorkflowHandleWithFirstExecutionRunId;
        await vi.waitUntil(async () => (await currentRun(stack(), workflowId)) !== firstExecutionRunId, WAIT);
        const former = await learned(stack(), delivery, await currentRun(stack(), workflowId));
        expect(kinds(former)).toEqual(DELIVERED);
      }
    });

    test('whose former run is deleted: GONE, and not retried', async () => {
      const delivery = await deliver(stack(), { behaviour: 'delivers', input: { ttl: '60s' } });
      await delivery.ended();
      const { workflowId } = delivery.handle;
      const former = await currentRun(stack(), workflowId);
      const runId = await reset(stack(), workflowId, ...FIRST);
      const { client } = stack();
      const { namespace } = client.options;
      await client.workflowService.deleteWorkflowExecution({
        namespace,
        workflowExecution: { workflowId, runId: former },
      });

      const look = () => lookBack({ histories: createRunHistories({ client }) }, { workflowId, runId });

      // The server deletes it some time later.
      const unreadable = { type: 'FormerRunUnreadable', details: [{ code: 'GONE' }], nonRetryable: true };
      await vi.waitFor(() => expect(look()).rejects.toMatchObject(unreadable), { timeout: 170_000, interval: 500 });
    }, 200_000);

    test.each([
      ['without a key', undefined],
      ['with another key', createDataConverter({ keys: testKeys('another') })],
    ])('read %s: UNDECODABLE, and not retried', async (_, dataConverter) => {
      const delivery = await deliver(stack(), { behaviour: 'offline', input: { ttl: '600s' } });
      await delivery.inPhase('AWAITING_DELIVERY');
      const { workflowId } = delivery.handle;
      const runId = await reset(stack(), workflowId, ...FIRST);
      const { connection, options } = stack().client;
      const client = new Client({ connection, namespace: options.namespace, ...(dataConverter && { dataConverter }) });

      const look = lookBack({ histories: createRunHistories({ client }) }, { workflowId, runId });

      await expect(look).rejects.toMatchObject({ details: [{ code: 'UNDECODABLE' }], nonRetryable: true });
    });
  });

  describe('while no worker runs, a reset', () => {
    const waiting: TestDelivery[] = [];
    beforeAll(async () => {
      for (const input of [{ ttl: '600s' }, { ttl: '600s' }])
        waiting.push(await deliver(stack(), { behaviour: 'offline', input }));
      await Promise.all(waiting.map((delivery) => delivery.inPhase('AWAITING_DELIVERY')));
      await stack().worker.stop();
    });
    afterAll(() => stack().worker.start());

    /** A waiting delivery whose run was reset. The new run got an event and has done nothing else. */
    async function resetDelivery() {
      const delivery = waiting.pop();
      if (delivery === undefined) throw new Error('no delivery is left');
      const { workflowId } = delivery.handle;
      const first = await currentRun(stack(), workflowId);
      const second = await reset(stack(), workflowId, ...FIRST);
      await delivery.handle.signal('read', EVENT);
      return { delivery, workflowId, first, second };
    }
    /** The event after the start of the first workflow task, in every run. */
    const SAME_POINT = ['--event-id', '4', '--reapply-exclude', 'All'];

    test('of a reset run at the same point, so that its own history does not name the first run', async () => {
      const { delivery } = await resetDelivery();

      const former = await afterReset(stack(), delivery, ...SAME_POINT);

      expect(kinds(former)).toEqual(['read', 'sendRcs completed']);
    });

    test('of the first run once more, beside the run that the first reset has made', async () => {
      const { delivery, workflowId, first, second } = await resetDelivery();

      const runId = await reset(stack(), workflowId, '--run-id', first, ...SAME_POINT);

      expect(new Set([first, second, runId]).size).toBe(3);
      // Temporal's list shows the second run a little later.
      await expect
        .poll(async () => kinds(await learned(stack(), delivery, runId)))
        .toEqual(['read', 'sendRcs completed']);
    });
  });
});
