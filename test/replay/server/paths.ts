import type { WorkflowHandle } from '@temporalio/client';
import { defineSearchAttributeKey, TypedSearchAttributes } from '@temporalio/common';
import { changeExpiryUpdate, revokeNowUpdate } from '../../../src/contract/messages.js';
import { optOutWorkflowIdFor } from '../../../src/contract/opt-out.js';
import { SEARCH_ATTRIBUTES } from '../../../src/contract/search-attributes.js';
import { createDeliveryClient } from '../../../src/index.js';
import { recipientHash } from '../../../src/opt-out/recipient-hash.js';
import { event, failure, type TestDelivery } from '../../workflows/rig.js';
import type { Place } from './server-rig.js';

const sms = { sms: { text: 'Your code is 482913' } };
const fallback = { fallback: sms, revocation: { grace: '1s', budget: '5s' } };
const short = { ttl: '2s', ...fallback };

/** Signals what the worker, which has no key, can't decrypt. */
async function signalSealed({ client }: Place, { handle }: TestDelivery): Promise<void> {
  const metadata = { encoding: Buffer.from('binary/encrypted'), 'encryption-key-id': Buffer.from('a-key') };
  await client.workflowService.signalWorkflowExecution({
    namespace: client.options.namespace,
    workflowExecution: { workflowId: handle.workflowId },
    signalName: 'delivered',
    input: { payloads: [{ metadata, data: Buffer.alloc(60, 7) }] },
  });
}

const inPhase = (delivery: TestDelivery, wanted: string) => delivery.until(({ phase }) => phase === wanted);
const waiting = (delivery: TestDelivery) => inPhase(delivery, 'AWAITING_DELIVERY');
const soon = () => ({ expireTime: new Date(Date.now() + 2_000).toISOString() });

async function settled({ handle }: Pick<TestDelivery, 'handle'>): Promise<WorkflowHandle> {
  await handle.result();
  return handle;
}

async function deliveredAtLast(delivery: TestDelivery): Promise<WorkflowHandle> {
  await waiting(delivery);
  await delivery.signal('delivered');
  return settled(delivery);
}

async function receiptAtLast(delivery: TestDelivery): Promise<WorkflowHandle> {
  await inPhase(delivery, 'AWAITING_SMS_RECEIPT');
  await delivery.signal('smsStatus', { ...event(), status: 'DELIVERED' });
  return settled(delivery);
}

/** Ends without a worker: until the server has noticed that the one that had the workflow is gone. */
async function taskTimedOut({ handle }: TestDelivery): Promise<void> {
  for (const end = Date.now() + 60_000; Date.now() < end; await new Promise((resolve) => setTimeout(resolve, 200))) {
    const { events } = await handle.fetchHistory();
    if (events?.some(({ workflowTaskTimedOutEventAttributes: timedOut }) => Boolean(timedOut)) === true) return;
  }
  throw new Error('no workflow task timed out');
}

/**
 * A query ends the first task while its create is under way. The second task meets what `during` has done, and then the
 * answer to the create. `during` must be faster than the answer to the query: record it again if it was not.
 */
async function beforeTheAnswer(place: Place, during: (delivery: TestDelivery) => Promise<unknown>) {
  const delivery = await place.start();
  const query = delivery.status();
  const sendRcs = async () => {
    await during(delivery);
    await query;
    await untilBegun(2, delivery);
    return { acceptedEarlier: false };
  };
  return place.withWorker({ activities: { sendRcs } }, () => settled(delivery));
}

async function untilBegun(tasks: number, { handle }: TestDelivery): Promise<void> {
  for (;;) {
    const { events } = await handle.fetchHistory();
    const begun = events?.filter(({ workflowTaskStartedEventAttributes: task }) => Boolean(task));
    if ((begun?.length ?? 0) >= tasks) return;
  }
}

const EXPIRES = new Date('2026-01-02T03:04:05Z');
const STATUS = defineSearchAttributeKey('DeliveryStatus', SEARCH_ATTRIBUTES.DeliveryStatus);
const REASON = defineSearchAttributeKey('FallbackReason', SEARCH_ATTRIBUTES.FallbackReason);
const ATTRIBUTES = [
  { key: STATUS, value: 'AWAITING_DELIVERY' },
  { key: defineSearchAttributeKey('ExpireTime', SEARCH_ATTRIBUTES.ExpireTime), value: EXPIRES },
  { key: defineSearchAttributeKey('IsDuplicate', SEARCH_ATTRIBUTES.IsDuplicate), value: false },
] as const;

const NOTIFY = { url: 'https://hooks.example.com/rcs', phases: true };

/** A key for tests only. */
const HASH_KEY = '3f1c8a4be2d90756a1b2c3d4e5f60718293a4b5c6d7e8f90a1b2c3d4e5f60718';

/**
 * What only a real server writes: the name of its history, and how it comes about. A new path gets a line here, and
 * `record.ts` in this folder records it.
 */
export const SERVER_PATHS: Record<string, (place: Place) => Promise<WorkflowHandle>> = {
  waiting: async (place) => {
    const delivery = await place.start({ ttl: '3600s', fallback: sms });
    await place.withWorker({}, () => waiting(delivery));
    return delivery.handle;
  },
  'sms-with-receipt': async (place) => place.withWorker({}, async () => receiptAtLast(await place.start(short))),
  'first-task-failed': async (place) => {
    const delivery = await place.start();
    await place.failTask();
    return place.withWorker({}, () => deliveredAtLast(delivery));
  },
  'killed-in-the-first-task': async (place) => {
    const delivery = await place.start();
    const worker = await place.killableWorker({ hangsInCreate: true });
    await worker.inCreate;
    await worker.kill();
    await taskTimedOut(delivery);
    return place.withWorker({}, () => deliveredAtLast(delivery));
  },
  'killed-while-it-waits': async (place) => {
    const delivery = await place.start();
    const worker = await place.killableWorker();
    await waiting(delivery);
    await worker.kill();
    await delivery.signal('delivered');
    await taskTimedOut(delivery);
    return place.withWorker({}, () => settled(delivery));
  },
  'late-in-a-backlog': async (place) => {
    const promotion = { messageTrafficType: 'PROMOTION' as const, revocation: { grace: '1s', spread: '0s' } };
    const delivery = await place.start({ ttl: '4s', fallback: sms, ...promotion });
    await place.withWorker({}, () => waiting(delivery));
    await new Promise((resolve) => setTimeout(resolve, 11_000));
    return place.withWorker({}, () => receiptAtLast(delivery));
  },
  'signal-at-the-end': async (place) => {
    const delivery = await place.start();
    let isSent = false;
    // The task that completes the workflow meets this signal, so the server refuses its answer: UnhandledCommand.
    const onAnswer = async (payload: string) => {
      if (isSent || !payload.includes('"outcome":"DELIVERED"')) return;
      isSent = true;
      await delivery.signal('read');
    };
    return place.withWorker({ onAnswer }, () => deliveredAtLast(delivery));
  },
  'delivered-during-the-create': async (place) => {
    const delivery = await place.start();
    const sendRcs = async () => {
      await delivery.signal('delivered');
      return { acceptedEarlier: false };
    };
    return place.withWorker({ activities: { sendRcs } }, () => settled(delivery));
  },
  'delivered-before-the-answer': (place) => beforeTheAnswer(place, (delivery) => delivery.signal('delivered')),
  'cancelled-before-the-answer': (place) => beforeTheAnswer(place, ({ handle }) => handle.cancel()),
  'signal-set-aside': async (place) =>
    place.withWorker({}, async () => {
      const delivery = await place.start();
      await waiting(delivery);
      await signalSealed(place, delivery);
      return deliveredAtLast(delivery);
    }),
  'create-retried': async (place) => {
    let attempts = 0;
    const sendRcs = () => {
      attempts += 1;
      const unavailable = failure('RbmUnavailable', { mayBeQueued: true });
      return attempts < 4 ? Promise.reject(unavailable) : Promise.resolve({ acceptedEarlier: true });
    };
    const delivery = await place.start();
    return place.withWorker({ activities: { sendRcs } }, () => deliveredAtLast(delivery));
  },
  updates: async (place) =>
    place.withWorker({}, async () => {
      const delivery = await place.start(fallback);
      await waiting(delivery);
      const expireTime = new Date(Date.now() + 3_600_000).toISOString();
      await delivery.handle.executeUpdate(changeExpiryUpdate, { args: [{ expireTime }] });
      await delivery.handle.executeUpdate(revokeNowUpdate, { args: [{ reason: 'wrong code', fallback: 'sms' }] });
      return receiptAtLast(delivery);
    }),
  'updates-refused': async (place) =>
    place.withWorker({}, async () => {
      const delivery = await place.start();
      await waiting(delivery);
      const past = { expireTime: '2020-01-01T00:00:00Z' };
      for (const eventId of ['event-1', 'event-2']) {
        await delivery.handle.executeUpdate(changeExpiryUpdate, { args: [past] }).catch(() => undefined);
        await delivery.signal('delivered', { ...event(eventId), from: '+15550100002' });
      }
      await delivery.signal('delivered', event('event-3'));
      return settled(delivery);
    }),
  'reset-to-the-first-task': async (place) =>
    place.withWorker({}, async () => {
      const { workflowId } = await receiptAtLast(await place.start(short));
      return settled({ handle: await place.reset(workflowId, 'firstTask') });
    }),
  'reset-to-the-last-task': async (place) =>
    place.withWorker({}, async () => {
      const { workflowId } = await receiptAtLast(await place.start(short));
      return settled({ handle: await place.reset(workflowId, 'lastTask') });
    }),
  'search-attributes': async (place) =>
    place.withWorker({}, async () => {
      const typedSearchAttributes = new TypedSearchAttributes([...ATTRIBUTES]);
      const memo = { searchAttributes: ATTRIBUTES.map(({ key }) => key.name) };
      const delivery = await place.start(fallback, { typedSearchAttributes, memo });
      await waiting(delivery);
      await delivery.handle.executeUpdate(changeExpiryUpdate, { args: [soon()] });
      await inPhase(delivery, 'AWAITING_SMS_RECEIPT');
      await delivery.signal('delivered');
      return settled(delivery);
    }),
  'listed-by-a-client': async (place) =>
    place.withWorker({}, async () => {
      const started = [...ATTRIBUTES.slice(1), { key: REASON, value: 'none' }, { key: STATUS, value: 'STARTED' }];
      const memo = { searchAttributes: started.map(({ key }) => key.name) };
      const long = { ...fallback, ttl: '86400s', messageTrafficType: 'PROMOTION' as const };
      const delivery = await place.start(long, {
        typedSearchAttributes: new TypedSearchAttributes(started),
        memo,
      });
      await waiting(delivery);
      await delivery.handle.executeUpdate(revokeNowUpdate, { args: [{ reason: 'wrong price', fallback: 'sms' }] });
      return receiptAtLast(delivery);
    }),
  'notified-of-each-phase': async (place) =>
    place.withWorker({}, async () => receiptAtLast(await place.start({ ...short, notify: NOTIFY }))),
  notification: async (place) => {
    let attempts = 0;
    const notify = () => ((attempts += 1) < 3 ? Promise.reject(failure('NotifyFailed')) : Promise.resolve());
    return place.withWorker({ activities: { notify } }, async () => {
      const { handle } = await place.start({ notify: { ...NOTIFY, phases: false } });
      await handle.signal('delivered', event());
      await handle.result();
      const { events } = await handle.fetchHistory();
      const started = events?.flatMap(({ startChildWorkflowExecutionInitiatedEventAttributes: child }) => child ?? []);
      return settled({ handle: place.client.workflow.getHandle(started?.[0]?.workflowId ?? '') });
    });
  },
  'opt-out': async (place) => {
    const { client, taskQueue } = place;
    const { optOuts } = createDeliveryClient({ client, taskQueue, searchAttributes: { recipientHashKey: HASH_KEY } });
    const recipient = '+15550100001';
    const person = { agentId: 'acme-agent', recipient };
    const id = { scope: person.agentId, recipientHash: recipientHash(recipient, HASH_KEY) };
    return place.withWorker({}, async () => {
      await optOuts.add(person, { source: 'a test' });
      await optOuts.remove(person, { source: 'a test' });
      return settled({ handle: client.workflow.getHandle(optOutWorkflowIdFor(id)) });
    });
  },
};
