import { randomUUID } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { Client, Connection } from '@temporalio/client';
import type { DataConverter } from '@temporalio/common';
import { NativeConnection, Worker } from '@temporalio/worker';
import { expect, test } from 'vitest';
import { Cleanups } from '../../dev/stack/cleanups.js';
import { createDataConverter } from '../../src/encryption/data-converter.js';
import { createPayloadCodec } from '../../src/encryption/payload-codec.js';
import { createDeliveryWorker } from '../../src/worker/create-worker.js';
import { fakeActivities } from '../client/fake-activities.js';
import { testKeys } from '../encryption/test-keys.js';
import { quietTemporal } from '../support/quiet-temporal.js';
import { sharedTemporal } from '../support/shared-temporal.js';
import { encryptingWorkflows } from '../support/workflow-bundle.js';

const codec = createPayloadCodec({ keys: testKeys('current') });
const OURS = createDataConverter({ keys: testKeys('current') }) ?? {};
/** Reads the answers of the worker, and encrypts nothing. */
const CLEARTEXT: DataConverter = {
  ...OURS,
  payloadCodecs: [{ encode: (payloads) => Promise.resolve(payloads), decode: (payloads) => codec.decode(payloads) }],
};

/** What somebody else's workflow gets from each of the activities of a worker with keys, and what that worker ran. */
async function forged({ encryptionRequired = false, encrypts = false }) {
  quietTemporal();
  const cleanups = new Cleanups();
  try {
    const { address, namespace } = await sharedTemporal();
    const connection = cleanups.add(await NativeConnection.connect({ address }), (one) => one.close());
    const clients = cleanups.add(await Connection.connect({ address }), (one) => one.close());
    const ran: string[] = [];
    const noted = (name: keyof typeof fakeActivities) => () => {
      ran.push(name);
      return Promise.resolve({});
    };
    const named = Object.keys(fakeActivities).map((name) => [name, noted(name as keyof typeof fakeActivities)]);
    const taskQueue = `cleartext-${randomUUID()}`;
    const worker = await createDeliveryWorker({
      ...{ connection, namespace, taskQueue, encryptionRequired },
      activities: Object.fromEntries(named) as typeof fakeActivities,
      dataConverter: OURS,
      worker: encryptingWorkflows,
    });
    const dataConverter = encrypts ? OURS : CLEARTEXT;
    const stranger = await Worker.create({
      ...{ connection, namespace, taskQueue: `${taskQueue}-stranger`, dataConverter },
      workflowsPath: fileURLToPath(new URL('../workflows/forging-workflow.ts', import.meta.url)),
    });
    const { workflow } = new Client({ connection: clients, namespace, dataConverter });
    const forge = (queue: string, name: string) =>
      workflow.execute('forgeActivity', {
        ...{ taskQueue: `${taskQueue}-stranger`, workflowId: randomUUID() },
        args: [taskQueue + queue, name, { recipient: '+15550100001' }],
      });
    const answers = await worker.runUntil(() =>
      stranger.runUntil(() =>
        Promise.all([
          forge('', 'sendRcs'),
          forge('', 'revokePromotions'),
          forge('-rbm', 'sendRcs'),
          forge('-revoke', 'revokeRcs'),
          forge('-sms', 'sendSms'),
          forge('-sms', 'reconcileSms'),
        ]),
      ),
    );
    return { ran: ran.toSorted(), answers: [...new Set(answers)] };
  } finally {
    await cleanups.run();
  }
}

const ALL = ['reconcileSms', 'revokePromotions', 'revokeRcs', 'sendRcs', 'sendRcs', 'sendSms'];

test('where encryption is required, an activity that is scheduled in cleartext does not run', async () => {
  expect(await forged({ encryptionRequired: true })).toEqual({ ran: [], answers: ['ValueError, retried'] });
});

test('one that is encrypted with the keys runs', async () => {
  expect(await forged({ encryptionRequired: true, encrypts: true })).toEqual({ ran: ALL, answers: ['done'] });
});

test('without the requirement it runs', async () => {
  expect(await forged({})).toEqual({ ran: ALL, answers: ['done'] });
});
