import { randomBytes, randomUUID } from 'node:crypto';
import { Client, Connection, WorkflowClient } from '@temporalio/client';
import { NativeConnection } from '@temporalio/worker';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { freePort } from '../../dev/temporal/free-port.js';
import { Cleanups } from '../../dev/stack/cleanups.js';
import { createOptOutActivities } from '../../src/activities/opt-out-activities.js';
import type { Agents } from '../../src/contract/agents.js';
import { optOutStatusQuery, optOutWorkflowIdFor, type OptOutPerson } from '../../src/contract/opt-out.js';
import { workflowIdFor } from '../../src/contract/ids.js';
import { createDataConverter } from '../../src/encryption/data-converter.js';
import { createDeliveryClient, TemporalRefusedError, TemporalUnavailableError } from '../../src/index.js';
import { listOptOuts, type OptOutSummary } from '../../src/opt-out/list-opt-outs.js';
import { createOptOuts } from '../../src/opt-out/opt-outs.js';
import { recipientHash } from '../../src/opt-out/recipient-hash.js';
import { createRunningDeliveries } from '../../src/opt-out/running-deliveries.js';
import { createDeliveryWorker } from '../../src/worker/create-worker.js';
import { fakeActivities } from '../client/fake-activities.js';
import { testKeys } from '../encryption/test-keys.js';
import { quietTemporal } from '../support/quiet-temporal.js';
import { sharedTemporal, type SharedTemporal, type SharedTemporalOptions } from '../support/shared-temporal.js';
import { builtWorkflows } from '../support/workflow-bundle.js';

const cleanups = new Cleanups();
const TASK_QUEUE = 'opt-outs';
const [OLD_KEY, NEW_KEY] = [randomBytes(32).toString('base64'), randomBytes(32).toString('base64')];
const AGENTS: Agents = [
  { agentId: 'acme', brand: 'acme-brand' },
  { agentId: 'acme-shop', brand: 'acme-brand' },
  { agentId: 'other' },
];

let server: SharedTemporal;
let client: WorkflowClient;

beforeAll(async () => {
  quietTemporal();
  ({ server, client } = await place());
});
afterAll(() => cleanups.run());

/** A namespace of its own, with a worker. */
async function place(
  options: SharedTemporalOptions & { readonly dataConverter?: ReturnType<typeof createDataConverter> } = {},
) {
  const shared = await sharedTemporal(options);
  const { address, namespace } = shared;
  const connection = cleanups.add(await Connection.connect({ address }), (one) => one.close());
  const native = cleanups.add(await NativeConnection.connect({ address }), (one) => one.close());
  const { dataConverter } = options;
  const inWorker = new Client({ connection: native, namespace, ...(dataConverter && { dataConverter }) });
  const deliveries = createRunningDeliveries({ client: inWorker.workflow });
  const worker = await createDeliveryWorker({
    connection: native,
    namespace,
    taskQueue: TASK_QUEUE,
    activities: { ...fakeActivities, ...createOptOutActivities({ deliveries }) },
    dataConverter,
    ...(dataConverter === undefined && { worker: builtWorkflows }),
  });
  const running = worker.run();
  cleanups.add(worker, async (one) => {
    one.shutdown();
    await running;
  });
  return {
    server: shared,
    client: new WorkflowClient({ connection, namespace, ...(dataConverter && { dataConverter }) }),
    inWorker: inWorker.workflow,
  };
}

const optOuts = (recipientHashKey = OLD_KEY, agents = AGENTS, over = client) =>
  createOptOuts({ client: over, taskQueue: TASK_QUEUE, recipientHashKey, agents });
let numbers = 0;
/** A person whom no other test knows. */
const person = (changes: Partial<OptOutPerson> = {}): OptOutPerson => {
  numbers += 1;
  return { agentId: 'other', recipient: `+1555010${String(numbers).padStart(4, '0')}`, ...changes };
};
const said = (changes: { sendTime?: string; source?: string; eventId?: string } = {}) => ({
  source: 'rbm',
  sendTime: '2026-01-02T03:04:05Z',
  ...changes,
});
const LATER = '2026-01-02T03:04:06Z';

async function until(holds: () => Promise<boolean>): Promise<void> {
  for (const end = Date.now() + 30_000; !(await holds());) {
    if (Date.now() > end) throw new Error('never came about');
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

describe('add, isOptedOut, remove', () => {
  test('an opt-out is found at once, even before a worker has seen it, and ends after an opt-in', async () => {
    const one = person();
    const idle = createOptOuts({ client, taskQueue: 'nobody-listens-here', recipientHashKey: OLD_KEY });
    expect(await idle.isOptedOut(one)).toBe(false);
    await idle.add(one, said());
    expect(await idle.isOptedOut(one)).toBe(true);

    const two = person();
    await optOuts().add(two, said());
    expect(await optOuts().isOptedOut(two)).toBe(true);
    await optOuts().remove(two, said({ sendTime: LATER }));
    await until(async () => !(await optOuts().isOptedOut(two)));
  });

  test('the workflow names no number, and can be found by the search attributes', async () => {
    const one = person({ agentId: 'other@rbm.goog' });
    await optOuts().add(one, said());
    const workflowId = optOutWorkflowIdFor({ scope: 'other', recipientHash: recipientHash(one.recipient, OLD_KEY) });
    const description = await client.getHandle(workflowId).describe();
    expect(description.memo).toMatchObject({ optOut: { source: 'rbm', since: '2026-01-02T03:04:05Z' } });
    expect(await description.staticSummary()).toBe('other: opted out by rbm at 2026-01-02T03:04:05Z');
    const query = `RecipientHash = '${recipientHash(one.recipient, OLD_KEY)}' AND RbmAgentId = 'other'`;
    await until(async () => (await client.count(query)).count === 1);
    const history = JSON.stringify(await client.getHandle(workflowId).fetchHistory());
    expect(history).not.toContain(one.recipient.slice(1));
  });

  test('several say it: one workflow, an entry each', async () => {
    const one = person();
    await optOuts().add(one, said({ eventId: 'a' }));
    await optOuts().add(one, said({ eventId: 'a' }));
    await optOuts().add(one, said({ source: 'keyword STOP', eventId: 'b' }));
    const workflowId = optOutWorkflowIdFor({ scope: 'other', recipientHash: recipientHash(one.recipient, OLD_KEY) });
    const { entries } = await client.getHandle(workflowId).query(optOutStatusQuery);
    expect(entries.map(({ source }) => source)).toEqual(['rbm', 'keyword STOP']);
  });

  test('an old opt-out that comes after the opt-in changes nothing; a new one counts', async () => {
    const one = person();
    await optOuts().add(one, said());
    await optOuts().remove(one, said({ sendTime: LATER }));
    await until(async () => !(await optOuts().isOptedOut(one)));
    await optOuts().add(one, said());
    expect(await optOuts().isOptedOut(one)).toBe(false);
    await optOuts().add(one, said({ sendTime: '2026-01-02T03:04:07Z' }));
    expect(await optOuts().isOptedOut(one)).toBe(true);
  });

  test('removing one that is not there does nothing', async () => {
    await expect(optOuts().remove(person(), said())).resolves.toBeUndefined();
  });

  test('an opt-out from SMS alone stops the SMS, not the RCS message, and ends by its own opt-in', async () => {
    const one = person();
    const bySms = { ...one, channel: 'sms' } as const;
    await optOuts().add(bySms, said());
    expect([await optOuts().isOptedOut(one), await optOuts().isOptedOut(bySms)]).toEqual([false, true]);
    await optOuts().remove(one, said({ sendTime: LATER }));
    await optOuts().remove(bySms, said({ sendTime: LATER }));
    await until(async () => !(await optOuts().isOptedOut(bySms)));
    await optOuts().add(one, said());
    expect(await optOuts().isOptedOut(bySms)).toBe(true);
  });
});

describe('a brand', () => {
  test('is one scope: what one agent is told counts for all of its agents, and for no other', async () => {
    const one = person({ agentId: 'acme' });
    await optOuts().add(one, said());
    expect(await optOuts().isOptedOut({ ...one, agentId: 'acme-shop' })).toBe(true);
    expect(await optOuts().isOptedOut({ ...one, agentId: 'other' })).toBe(false);
    await optOuts().remove({ ...one, agentId: 'acme-shop' }, said({ sendTime: LATER }));
    await until(async () => !(await optOuts().isOptedOut(one)));
  });

  test('keeps the opt-outs from before it was configured, and ends them', async () => {
    const one = person({ agentId: 'acme' });
    await optOuts(OLD_KEY, []).add(one, said());
    expect(await optOuts().isOptedOut({ ...one, agentId: 'acme-shop' })).toBe(true);
    await optOuts().remove({ ...one, agentId: 'acme-shop' }, said({ sendTime: LATER }));
    await until(async () => !(await optOuts().isOptedOut(one)));
  });
});

describe('a rotated key', () => {
  const both = `${NEW_KEY}, ${OLD_KEY}`;

  test('forgets nobody, and makes new opt-outs with the new key', async () => {
    const [before, after] = [person(), person()];
    await optOuts().add(before, said());
    expect(await optOuts(both).isOptedOut(before)).toBe(true);
    expect(await optOuts(NEW_KEY).isOptedOut(before)).toBe(false);
    await optOuts(both).add(after, said());
    expect(await optOuts(NEW_KEY).isOptedOut(after)).toBe(true);
    await optOuts(both).remove(before, said({ sendTime: LATER }));
    await until(async () => !(await optOuts(both).isOptedOut(before)));
  });
});

describe('deliveries in flight', () => {
  const deliveriesWith = (recipientHashKey: string) =>
    createDeliveryClient({
      client: new Client({ connection: client.connection, namespace: client.options.namespace }),
      taskQueue: TASK_QUEUE,
      searchAttributes: { recipientHashKey },
    });
  const signalsOf = async (workflowId: string) => {
    const { events } = await client.getHandle(workflowId).fetchHistory();
    return (events ?? []).flatMap((event) => event.workflowExecutionSignaledEventAttributes?.signalName ?? []);
  };

  test('get the signal by every key and agent of the scope; others do not', async () => {
    const { recipient } = person();
    const start = (agentId: string, key: string, to = recipient) =>
      deliveriesWith(key).start({
        agentId,
        messageId: randomUUID(),
        recipient: to,
        contentMessage: { text: 'Sale' },
        messageTrafficType: 'PROMOTION',
        ttl: '3600s',
      });
    const theirs = [await start('acme', OLD_KEY), await start('acme-shop', NEW_KEY)];
    const others = [await start('other', OLD_KEY), await start('acme', OLD_KEY, person().recipient)];
    await optOuts(`${NEW_KEY},${OLD_KEY}`).add({ agentId: 'acme', recipient }, said());
    await until(async () => {
      const signals = await Promise.all(theirs.map(({ workflowId }) => signalsOf(workflowId)));
      return signals.every((names) => names.includes('optedOut'));
    });
    for (const { workflowId } of others) expect(await signalsOf(workflowId)).toEqual([]);
    await Promise.all([...theirs, ...others].map((one) => client.getHandle(one.workflowId).terminate()));
  });

  test('a delivery that was started without RecipientHash is found by its input', async () => {
    const { recipient } = person();
    const input = (to: string) => ({ agentId: 'acme', recipient: to, messageTrafficType: 'PROMOTION', ttl: '3600s' });
    const start = async (to: string) => {
      const workflowId = workflowIdFor({ agentId: 'acme', messageId: randomUUID() });
      const args = [{ ...input(to), messageId: workflowId.split(':')[2], contentMessage: { text: 'x' } }];
      return client.start('messageDelivery', { taskQueue: 'nobody', workflowId, args });
    };
    const theirs = await start(recipient);
    const others = await start(person().recipient);
    const request = { recipientHashes: [recipientHash(recipient, OLD_KEY)], agentIds: ['acme'], except: [], ...said() };
    const deliveries = createRunningDeliveries({ client, recipientHashKey: `${NEW_KEY},${OLD_KEY}` });
    await until(async () => (await deliveries.signalOptedOut(request)).signalled.includes(theirs.workflowId));
    expect(await signalsOf(theirs.workflowId)).toContain('optedOut');
    expect(await signalsOf(others.workflowId)).toEqual([]);
    await Promise.all([theirs, others].map((one) => client.getHandle(one.workflowId).terminate()));
  });

  test('a namespace without search attributes: the opt-out counts, and the sweep says what is missing', async () => {
    const bare = await place({ searchAttributes: {} });
    const one = person();
    await optOuts(OLD_KEY, AGENTS, bare.client).add(one, said());
    expect(await optOuts(OLD_KEY, AGENTS, bare.client).isOptedOut(one)).toBe(true);
    const request = {
      recipientHashes: [recipientHash(one.recipient, OLD_KEY)],
      agentIds: ['other'],
      except: [],
      ...said(),
    };
    const result = await createRunningDeliveries({ client: bare.inWorker }).signalOptedOut(request);
    expect(result).toEqual({ signalled: [], more: false, problem: expect.stringContaining('RecipientHash') as string });
  });
});

async function listed(over: WorkflowClient, scopes?: readonly string[]): Promise<readonly OptOutSummary[]> {
  const all: OptOutSummary[] = [];
  for await (const one of listOptOuts({ client: over, timeoutMs: 10_000, scopes })) all.push(one);
  return all;
}

test('with encryption on, everything works, and the look-up needs no key', async () => {
  const dataConverter = createDataConverter({ keys: testKeys('a') });
  const secret = await place({ dataConverter });
  const one = person({ agentId: 'acme' });
  const encrypted = optOuts(OLD_KEY, AGENTS, secret.client);
  await encrypted.add(one, said());
  expect(await encrypted.isOptedOut(one)).toBe(true);
  const native = optOuts(OLD_KEY, AGENTS, secret.inWorker);
  expect(await native.isOptedOut(one)).toBe(true);
  const id = { scope: 'acme-brand', recipientHash: recipientHash(one.recipient, OLD_KEY) };
  const handle = secret.client.getHandle(optOutWorkflowIdFor(id));
  expect(await handle.query(optOutStatusQuery)).toMatchObject({ until: null, entries: [{ source: 'rbm' }] });
  await until(async () => (await listed(secret.client)).length === 1);
  const summary = { ...id, workflowId: optOutWorkflowIdFor(id), since: '2026-01-02T03:04:05Z', source: 'rbm' };
  expect(await listed(secret.client)).toEqual([summary]);

  // Without the key: the opt-out still counts, and the list shows what is left.
  const { namespace, connection } = { namespace: secret.server.namespace, connection: secret.client.connection };
  const keyless = new WorkflowClient({ connection, namespace });
  expect(await optOuts(OLD_KEY, AGENTS, keyless).isOptedOut(one)).toBe(true);
  const [bare] = await listed(keyless);
  expect(bare).toMatchObject(id);
  expect(bare).not.toHaveProperty('source');

  await encrypted.remove(one, said({ sendTime: LATER }));
  expect(await handle.result()).toMatchObject({ until: '2026-01-02T03:04:06.000Z' });
  await encrypted.add(one, said());
  expect(await encrypted.isOptedOut(one)).toBe(false);
});

test('list shows the scopes that are asked for, an opt-out from SMS as such', async () => {
  const own = await place();
  const [one, two] = [person({ channel: 'sms' }), person({ agentId: 'acme' })];
  await optOuts(OLD_KEY, AGENTS, own.client).add(one, said({ source: 'twilio 21610' }));
  await optOuts(OLD_KEY, AGENTS, own.client).add(two, said());
  await until(async () => (await listed(own.client)).length === 2);
  expect(
    (await listed(own.client, ['other', 'other/sms'])).map(({ channel, scope, source }) => [channel, scope, source]),
  ).toEqual([['sms', 'other/sms', 'twilio 21610']]);
});

describe('where Temporal can not answer, every method throws', () => {
  test('no server', async () => {
    const connection = Connection.lazy({ address: `127.0.0.1:${String(await freePort())}` });
    const dead = createOptOuts({
      client: new WorkflowClient({ connection }),
      recipientHashKey: OLD_KEY,
      timeoutMs: 1_000,
    });
    await expect(dead.isOptedOut(person())).rejects.toThrow(TemporalUnavailableError);
    await expect(dead.add(person(), said())).rejects.toThrow(TemporalUnavailableError);
    await expect(dead.remove(person(), said())).rejects.toThrow(TemporalUnavailableError);
  });

  test.each(['client', 'worker'] as const)('no such namespace, over the connection of a %s', async (kind) => {
    const { address } = server;
    const connection =
      kind === 'client'
        ? cleanups.add(await Connection.connect({ address }), (one) => one.close())
        : cleanups.add(await NativeConnection.connect({ address }), (one) => one.close());
    const { workflow } = new Client({ connection, namespace: 'nowhere' });
    const lost = createOptOuts({ client: workflow, recipientHashKey: OLD_KEY, timeoutMs: 5_000 });
    await expect(lost.isOptedOut(person())).rejects.toThrow(/Temporal/);
    await expect(lost.add(person(), said())).rejects.toThrow(/Temporal/);
    await expect(lost.remove(person(), said())).rejects.toThrow(TemporalRefusedError);
  });
});

test.each(['', ' ', ' , '])('no key is refused: %j', (recipientHashKey) => {
  expect(() => createOptOuts({ client, recipientHashKey })).toThrow(
    new TypeError('recipientHashKey must be a random key'),
  );
});
