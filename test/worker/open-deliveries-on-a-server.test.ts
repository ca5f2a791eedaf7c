import { Client, Connection } from '@temporalio/client';
import { defineSearchAttributeKey } from '@temporalio/common';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { Cleanups } from '../../dev/stack/cleanups.js';
import { measureOpenDeliveries } from '../../src/worker/open-deliveries.js';
import { sharedTemporal } from '../support/shared-temporal.js';
import { WAIT } from '../support/wait.js';

const EXPIRE_TIME = defineSearchAttributeKey('ExpireTime', 'DATETIME');
const cleanups = new Cleanups();
let client: Client;
beforeAll(async () => {
  const { address, namespace } = await sharedTemporal();
  const connection = cleanups.add(await Connection.connect({ address }), (open) => open.close());
  client = new Client({ connection, namespace });
});
afterAll(() => cleanups.run());

/** A delivery of which no worker takes a task. */
const started = (name: string, expireTime: string, type = 'messageDelivery') =>
  client.workflow.start(type, {
    workflowId: `message-delivery:acme-agent:${name}`,
    taskQueue: 'nobody',
    typedSearchAttributes: [{ key: EXPIRE_TIME, value: new Date(expireTime) }],
    args: [{}],
  });

function gaugesOf(namespace: string): Record<string, number> {
  const shown: Record<string, number> = {};
  const end = new AbortController();
  const running = measureOpenDeliveries({
    connection: client.connection,
    namespace,
    meter: {
      createGauge: (name) => ({ ...GAUGE, name, set: (value) => void (shown[name] = value), withTags: () => GAUGE }),
    },
    logger: { warn: () => undefined },
    signal: end.signal,
    everyMs: 100,
  });
  cleanups.add(end, async () => {
    end.abort();
    await running;
  });
  return shown;
}
const GAUGE = {
  name: '',
  kind: 'gauge',
  valueType: 'float',
  unit: '',
  description: '',
  set: () => undefined,
  withTags: () => GAUGE,
} as const;

test("Temporal's index tells how many deliveries are open, and how many of them are past their expiry", async () => {
  const ended = await started('a', '2020-01-01T00:00:00Z');
  await started('b', '2020-01-01T00:00:00Z');
  await started('c', '2099-01-01T00:00:00Z');
  await started('another-type', '2020-01-01T00:00:00Z', 'messageNotification');
  const shown = gaugesOf(client.options.namespace);

  await vi.waitUntil(() => shown['rcs_delivery_open'] === 3 && shown['rcs_delivery_past_expiry'] === 2, WAIT);
  await ended.terminate();
  await vi.waitUntil(() => shown['rcs_delivery_open'] === 2 && shown['rcs_delivery_past_expiry'] === 1, WAIT);
});

test('where nothing can be counted, no number is shown', async () => {
  const shown = gaugesOf('no-such-namespace');
  await vi.waitUntil(() => Object.keys(shown).length === 2, WAIT);
  expect(shown).toEqual({ rcs_delivery_open: NaN, rcs_delivery_past_expiry: NaN });
});
