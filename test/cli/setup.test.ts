import { randomUUID } from 'node:crypto';
import { createServer } from 'node:http2';
import { msToTs } from '@temporalio/common/lib/time.js';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { DAY } from '../../src/contract/duration.js';
import { ATTRIBUTE_TYPES } from '../../src/temporal/namespace-search-attributes.js';
import { createDeliveryClient, SEARCH_ATTRIBUTES } from '../../src/index.js';
import { runHere } from './in-process.js';
import { endAll, serve } from './program.js';
import { message, setStage, type Stage } from './stage.js';

const NAMES = Object.keys(SEARCH_ATTRIBUTES);
let stage: Stage;

beforeAll(async () => {
  stage = await setStage({ searchAttributes: {} });
});
afterEach(endAll);
afterAll(async () => {
  await stage.stop();
});

const registered = async () =>
  (await stage.connection.operatorService.listSearchAttributes({ namespace: stage.namespace })).customAttributes;
const register = (searchAttributes: Record<string, number>) =>
  stage.connection.operatorService.addSearchAttributes({ namespace: stage.namespace, searchAttributes });
const remove = (searchAttributes: string[]) =>
  stage.connection.operatorService.removeSearchAttributes({ namespace: stage.namespace, searchAttributes });
/** Runs `use` while the namespace has these attributes of somebody else. */
async function withAttributes(attributes: Record<string, number>, use: () => Promise<void>): Promise<void> {
  await register(attributes);
  try {
    await use();
  } finally {
    await remove(Object.keys(attributes));
  }
}

const missing =
  'the namespace lacks search attributes: deliveries run, but cannot be listed by them; run rcs-delivery setup';
const workerWarns = async () => {
  const worker = serve(['worker'], { ...stage.variables, TASK_QUEUE: 'nobody', SMS_PROVIDER: '' });
  await worker.said('worker running');
  await worker.end();
  return worker.log.filter(({ level }) => level === 'warn');
};
const workerSays = async () => (await workerWarns()).filter(({ msg }) => msg === missing);

test('before setup, a worker logs one line that names what is missing, and runs', async () => {
  expect(await workerSays()).toEqual([expect.objectContaining({ level: 'warn', missing: NAMES })]);
});

test('before setup, deliveries are listed without their attributes, with a note about what is missing', async () => {
  const delivery = await stage.deliveries.start(message());
  await expect.poll(async () => (await runHere(['list'], stage.variables)).stdout).toContain(delivery.workflowId);
  const { code, stderr } = await runHere(['list', '--json'], stage.variables);
  const note = `namespace ${stage.namespace} lacks the search attributes ${NAMES.join(', ')}: run rcs-delivery setup`;
  expect({ code, stderr }).toEqual({ code: 0, stderr: `note: ${note}\n` });
  const filtered = await runHere(['list', '--campaign', 'spring'], stage.variables);
  expect(filtered).toEqual({ code: 2, stdout: '', stderr: `rcs-delivery: ${note}\n` });
});

test('--dry-run names what is missing, adds nothing and exits with 1', async () => {
  const { code, stdout } = await runHere(['setup', '--dry-run', '--json'], stage.variables);
  expect({ code, printed: JSON.parse(stdout) as unknown }).toEqual({
    code: 1,
    printed: { namespace: stage.namespace, present: [], added: [], missing: NAMES, usable: true, retentionDays: 8 },
  });
  expect(await registered()).toEqual({});
});

test('an attribute of another type is an error that says what to do, and nothing is added', async () => {
  await withAttributes({ ExpireTime: ATTRIBUTE_TYPES.TEXT }, async () => {
    const { code, stdout, stderr } = await runHere(['setup'], stage.variables);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toContain('ExpireTime is TEXT, and must be DATETIME');
    expect(stderr).toContain(`temporal operator search-attribute remove --namespace ${stage.namespace}`);
    expect(Object.keys(await registered())).toEqual(['ExpireTime']);
    expect(await workerSays()).toEqual([expect.objectContaining({ ofAnotherType: ['ExpireTime'] })]);
  });
});

test('a delivery starts with those attributes that the namespace has', async () => {
  const some = { DeliveryStatus: ATTRIBUTE_TYPES.KEYWORD, CampaignId: ATTRIBUTE_TYPES.INT };
  await withAttributes(some, async () => {
    // A new client has not cached yet what is missing.
    const fresh = createDeliveryClient({ client: stage.client, taskQueue: 'stage' });
    const { workflowId } = await fresh.start(message({ campaignId: 'spring' }));
    const { typedSearchAttributes } = await stage.client.workflow.getHandle(workflowId).describe();
    const names = typedSearchAttributes.getAll().map(({ key }) => key.name);
    expect(names.filter((name) => NAMES.includes(name))).toEqual(['DeliveryStatus']);
  });
});

test('a namespace without room is an error that says so', async () => {
  const full = Object.fromEntries(Array.from({ length: 8 }, (_, i) => [`Other${String(i)}`, ATTRIBUTE_TYPES.KEYWORD]));
  await withAttributes(full, async () => {
    const { code, stderr } = await runHere(['setup'], stage.variables);
    expect({ code, stderr }).toEqual({
      code: 1,
      stderr: expect.stringContaining('has no room for more search attributes') as string,
    });
  });
});

test('an unknown namespace is an error that names it', async () => {
  const elsewhere = { ...stage.variables, TEMPORAL_NAMESPACE: 'nowhere' };
  const message = `rcs-delivery: Temporal at ${stage.address} has no namespace nowhere (TEMPORAL_NAMESPACE)\n`;
  for (const args of [['setup'], ['list'], ['status', `message-delivery:acme:${randomUUID()}`]]) {
    expect(await runHere(args, elsewhere)).toEqual({ code: 2, stdout: '', stderr: message });
  }
});

test('two setups at once register everything, and a third changes nothing', async () => {
  const both = await Promise.all([runHere(['setup', '--json'], stage.variables), runHere(['setup'], stage.variables)]);
  expect(both.map(({ code, stderr }) => ({ code, stderr }))).toEqual(Array(2).fill({ code: 0, stderr: '' }));
  const types = Object.entries(SEARCH_ATTRIBUTES).map(([name, type]) => [name, ATTRIBUTE_TYPES[type]]);
  expect(await registered()).toEqual(Object.fromEntries(types));
  const third = await runHere(['setup', '--json'], stage.variables);
  expect(JSON.parse(third.stdout)).toMatchObject({ present: NAMES, added: [], missing: [] });
  expect(await runHere(['setup', '--dry-run'], stage.variables)).toMatchObject({ code: 0 });
  expect((await workerWarns()).filter(({ msg }) => String(msg).startsWith('the namespace'))).toEqual([]);
});

describe('a namespace that keeps closed deliveries for less than 8 days', () => {
  const retention = (days: number) =>
    stage.connection.workflowService.updateNamespace({
      namespace: stage.namespace,
      config: { workflowExecutionRetentionTtl: msToTs(days * DAY) },
    });
  const short =
    'the namespace keeps closed deliveries for less than 8 days: after that the same message can be sent a second ' +
    "time, and RBM's late events find no delivery; run temporal operator namespace update --namespace " +
    `NAMESPACE --retention 192h`;
  const said = () => short.replace('NAMESPACE', stage.namespace);
  afterEach(() => retention(8));

  test('is a note of setup, which does its work all the same', async () => {
    await retention(7.9);
    const { code, stdout, stderr } = await runHere(['setup', '--json'], stage.variables);
    expect({ code, stderr }).toEqual({ code: 0, stderr: `note: ${said()}\n` });
    expect(JSON.parse(stdout)).toMatchObject({ retentionDays: 7.9, usable: true });
    await retention(8);
    expect(await runHere(['setup'], stage.variables)).toMatchObject({ code: 0, stderr: '' });
  });

  test('is one warning of the worker', async () => {
    await retention(1);
    const warnings = (await workerWarns()).filter(({ msg }) => msg === said());
    expect(warnings).toEqual([expect.objectContaining({ namespace: stage.namespace, retentionDays: 1 })]);
  });
});

test('if Temporal forbids it, the error says what to do on Temporal Cloud', async () => {
  const PERMISSION_DENIED = '7';
  const headers = { ':status': 200, 'content-type': 'application/grpc', 'grpc-status': PERMISSION_DENIED };
  const forbidding = createServer().on('stream', (stream) => {
    stream.respond(headers, { endStream: true });
  });
  await new Promise<void>((resolve) => forbidding.listen(0, '127.0.0.1', resolve));
  const { port } = forbidding.address() as { port: number };
  const { code, stderr } = await runHere(['setup'], { TEMPORAL_ADDRESS: `127.0.0.1:${String(port)}` });
  forbidding.close();
  expect(code).toBe(1);
  expect(stderr).toContain('does not let this client read or add search attributes');
  for (const name of NAMES) expect(stderr).toContain(`--search-attribute ${name}=`);
});
