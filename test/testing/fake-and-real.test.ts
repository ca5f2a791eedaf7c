import { Client, Connection } from '@temporalio/client';
import { NativeConnection } from '@temporalio/worker';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { parseAgents } from '../../src/contract/parse-agents.js';
import { createDeliveryClient, deliveredSignal, smsStatusSignal, type DeliveryHandle } from '../../src/index.js';
import { createFakeDeliveryClient } from '../../src/testing/index.js';
import { createDeliveryWorker } from '../../src/worker/create-worker.js';
import { fakeActivities } from '../client/fake-activities.js';
import { quietTemporal } from '../support/quiet-temporal.js';
import { sharedTemporal } from '../support/shared-temporal.js';
import { WAIT } from '../support/wait.js';
import { builtWorkflows } from '../support/workflow-bundle.js';
import { failure } from '../workflows/rig.js';
import { CALLS, FILTERS, UNREACHABLE, type Subject } from './calls.js';

const TASK_QUEUE = 'fake-and-real';
const OPTIONS = {
  taskQueue: TASK_QUEUE,
  defaultCountry: 'DE',
  agents: parseAgents('acme brand=acme, acme-offers brand=acme type=PROMOTION'),
  searchAttributes: { recipientHashKey: 'a key for tests only, of 32 bytes and more' },
} as const;

/** DELETEs wait here, so that a delivery stays where a test looks at it. */
const held = new Map<string, () => void>();
const activities: typeof fakeActivities = {
  ...fakeActivities,
  sendRcs: (request) =>
    request.recipient === UNREACHABLE
      ? Promise.reject(failure('RbmNotFound', { mayBeQueued: false, httpStatus: 404, code: 'NOT_FOUND' }, true))
      : fakeActivities.sendRcs(request),
  revokeRcs: ({ messageId }) => new Promise((resolve) => held.set(messageId, resolve)),
  sendSms: () => Promise.resolve({ provider: 'fake', providerMessageId: 'fake-sms' }),
};

let stop: () => Promise<void>;
let real: Subject;
beforeAll(async () => {
  quietTemporal();
  const { address, namespace } = await sharedTemporal();
  const connection = await Connection.connect({ address });
  const client = new Client({ connection, namespace });
  const native = await NativeConnection.connect({ address });
  const worker = await createDeliveryWorker({
    ...{ connection: native, namespace, taskQueue: TASK_QUEUE, activities, worker: builtWorkflows },
  });
  const running = worker.run();
  real = subjectIn(client);
  stop = async () => {
    for (const release of held.values()) release();
    worker.shutdown();
    await running;
    await native.close();
    await connection.close();
  };
}, 60_000);
afterAll(() => stop());

function subjectIn(client: Client): Subject {
  const workflow = ({ workflowId }: DeliveryHandle) => client.workflow.getHandle(workflowId);
  const event = { eventId: 'fake-event', sendTime: new Date().toISOString() };
  return {
    deliveries: createDeliveryClient({ client, ...OPTIONS }),
    accepted: (delivery) =>
      until(async () => (await delivery.status()).timeline.some(({ detail }) => detail === 'accepted')),
    settle: async (delivery, outcome) => {
      if (outcome === 'DELIVERED') return workflow(delivery).signal(deliveredSignal, event);
      if (outcome === 'DELIVERED_BY_SMS') {
        await until(async () => (await delivery.status()).phase === 'AWAITING_SMS_RECEIPT');
        return workflow(delivery).signal(smsStatusSignal, { ...event, status: 'DELIVERED' });
      }
      await until(() => held.has(delivery.messageId));
      held.get(delivery.messageId)?.();
    },
    terminate: async (delivery) => {
      await workflow(delivery).terminate('by a test');
    },
  };
}
/** A hook can't use `expect.poll`. */
const until = async (holds: () => boolean | Promise<boolean>): Promise<void> => {
  await vi.waitUntil(holds, { timeout: WAIT, interval: 20 });
};

const fakeClient = createFakeDeliveryClient(OPTIONS);
const fake: Subject = {
  deliveries: fakeClient,
  accepted: () => Promise.resolve(),
  settle(delivery, outcome) {
    fakeClient.settle(delivery, outcome);
    return Promise.resolve();
  },
  terminate(delivery) {
    fakeClient.terminate(delivery);
    return Promise.resolve();
  },
};

/** What a call returned or threw, without its times. An error's `cause` is Temporal's own. */
async function answerOf(call: () => unknown): Promise<unknown> {
  try {
    return withoutTimes((await call()) ?? null);
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    const { name, message, constructor, ...fields } = error;
    return { threw: withoutTimes({ ...fields, name, message, class: constructor.name, cause: undefined }) };
  }
}
const withoutTimes = (value: unknown): unknown =>
  JSON.parse(JSON.stringify(value).replaceAll(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z/g, 'time'));

describe('the fake answers as the client does', () => {
  const answers = { real: new Map<string, unknown>(), fake: new Map<string, unknown>() };
  beforeAll(async () => {
    for (const [name, call] of CALLS) {
      answers.real.set(name, await answerOf(() => call(real)));
      answers.fake.set(name, await answerOf(() => call(fake)));
    }
  });

  test.each(CALLS.map(([name]) => name))('%s', (name) => {
    expect(answers.fake.get(name)).toEqual(answers.real.get(name));
  });

  test.each(FILTERS)('a list by %o', async (filter) => {
    const listedBy = async ({ deliveries }: Subject) => {
      const found = await all(deliveries.list(filter));
      return [await deliveries.count(filter), withoutTimes(found.toSorted(byId))];
    };
    await expect.poll(() => listedBy(real)).toEqual(await listedBy(fake));
  });

  test('opt-outs, of all or of one agent', async () => {
    const listedBy = async ({ deliveries: { optOuts } }: Subject) =>
      withoutTimes([await all(optOuts.list()), await all(optOuts.list({ agentId: 'other' }))]);
    await expect.poll(() => listedBy(real)).toEqual(await listedBy(fake));
  });

  test('an opt-in ends the opt-out, and an older opt-out changes nothing after that', async () => {
    const person = { agentId: 'acme', recipient: '+15550100001' };
    for (const { deliveries } of [real, fake]) {
      await deliveries.optOuts.remove(person, { sendTime: new Date(2_000) });
      await expect.poll(() => deliveries.optOuts.has(person)).toBe(false);
      await deliveries.optOuts.add(person, { sendTime: new Date(1_500) });
      expect(await deliveries.optOuts.has(person)).toBe(false);
      await deliveries.optOuts.add(person, { sendTime: new Date(3_000) });
      await deliveries.optOuts.remove(person, { sendTime: new Date(2_500) });
      expect(await deliveries.optOuts.has(person)).toBe(true);
    }
  });

  test('the query of a filter, and a filter that is wrong', () => {
    for (const filter of [{ status: ['NONSENSE' as never], agentId: '?' }, { recipient: '12' }, { query: '(' }]) {
      const answer =
        ({ deliveries }: Subject) =>
        () =>
          deliveries.list(filter);
      expect(answer(fake)).toThrow(errorIn(answer(real)));
    }
    expect(fake.deliveries.query({ open: true })).toBe(real.deliveries.query({ open: true }));
  });
});

async function all<T>(rows: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const row of rows) found.push(row);
  return found;
}

const byId = (one: { readonly workflowId: string }, other: { readonly workflowId: string }): number =>
  one.workflowId.localeCompare(other.workflowId);

function errorIn(call: () => unknown): unknown {
  try {
    call();
  } catch (error) {
    return error;
  }
  throw new Error('expected an error');
}
