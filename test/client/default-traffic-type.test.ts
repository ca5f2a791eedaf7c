import { randomUUID } from 'node:crypto';
import { Client, Connection } from '@temporalio/client';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { withDefaultTrafficType } from '../../src/client/default-traffic-type.js';
import {
  createDeliveryClient,
  InvalidInputError,
  parseAgents,
  type DeliveryClient,
  type StartInput,
} from '../../src/index.js';
import { sharedTemporal, type SharedTemporal } from '../support/shared-temporal.js';
import { runHere } from '../cli/in-process.js';

const RBM_AGENTS = 'acme-offers type=PROMOTION, acme-codes type=AUTHENTICATION, plain';
const agents = parseAgents(RBM_AGENTS);
const TASK_QUEUE = 'default-traffic-type';

let server: SharedTemporal;
let connection: Connection;
let client: Client;
let deliveries: DeliveryClient;

beforeAll(async () => {
  server = await sharedTemporal();
  connection = await Connection.connect({ address: server.address });
  client = new Client({ connection, namespace: server.namespace });
  deliveries = createDeliveryClient({ client, taskQueue: TASK_QUEUE, agents });
});
afterAll(() => connection.close());

const message = (changes: Partial<StartInput> = {}): StartInput => ({
  agentId: 'acme-offers',
  messageId: randomUUID(),
  recipient: '+15550100001',
  contentMessage: { text: 'x' },
  ttl: '600s',
  ...changes,
});

/** What a delivery was started with. No worker runs it. */
async function startedWith(workflowId: string) {
  const handle = client.workflow.getHandle(workflowId);
  const description = await handle.describe();
  const summary = await description.staticSummary();
  const attributes = description.typedSearchAttributes.getAll().map(({ key, value }) => [key.name, value] as const);
  const { events } = await handle.fetchHistory();
  const [payload] = events?.[0]?.workflowExecutionStartedEventAttributes?.input?.payloads ?? [];
  await handle.terminate();
  const { messageTrafficType } = JSON.parse(Buffer.from(payload?.data ?? []).toString()) as StartInput;
  return { type: messageTrafficType, attribute: Object.fromEntries(attributes)['MessageTrafficType'], summary };
}

test.each<[string, Partial<StartInput>, string]>([
  ['the default of its agent', {}, 'PROMOTION'],
  ['the same, by the id with its suffix', { agentId: 'acme-offers@rbm.goog' }, 'PROMOTION'],
  ['the default for null, which counts as absent', { messageTrafficType: null } as object, 'PROMOTION'],
  ['the type that it names', { messageTrafficType: 'TRANSACTION' }, 'TRANSACTION'],
])('a delivery has %s in its input, search attribute and summary', async (_, changes, type) => {
  const { workflowId } = await deliveries.start(message(changes));
  const started = await startedWith(workflowId);
  expect(started).toMatchObject({ type, attribute: type });
  expect(started.summary).toMatch(new RegExp(`^${type}, acme-offers`));
});

test.each(['plain', 'unknown'])('a delivery of %s, whose type is not known, has none', async (agentId) => {
  const { workflowId } = await deliveries.start(message({ agentId }));
  expect(await startedWith(workflowId)).toMatchObject({ type: undefined, attribute: undefined });
});

test('the default is checked like a type that was named', async () => {
  const error: unknown = await deliveries.start(message({ honorOptOut: false })).catch((caught: unknown) => caught);
  expect(error).toBeInstanceOf(InvalidInputError);
  expect(error).toHaveProperty('problems.0.field', 'honorOptOut');
});

test.each([{ agentId: 7 }, {}, { agentId: 'acme-offers', messageTrafficType: 7 }])(
  'an input that is wrong stays as it is, for the check: %j',
  (wrong) => {
    expect(withDefaultTrafficType(wrong as unknown as StartInput, agents)).toBe(wrong);
  },
);

test('send uses the default of RBM_AGENTS, and notes on stderr when there is no type', async () => {
  const variables = { TEMPORAL_ADDRESS: server.address, TEMPORAL_NAMESPACE: server.namespace, TASK_QUEUE, RBM_AGENTS };
  const send = async (agent: string, ...more: string[]) => {
    const flags = ['--agent', agent, '--to', '+15550100001', '--text', 'x', '--ttl', '600s', ...more];
    const { code, stdout, stderr } = await runHere(['send', ...flags], variables);
    expect(code).toBe(0);
    return { stderr, type: (await startedWith(stdout.trim())).type };
  };
  expect(await send('acme-codes')).toEqual({ stderr: '', type: 'AUTHENTICATION' });
  expect(await send('plain', '--traffic-type', 'TRANSACTION')).toEqual({ stderr: '', type: 'TRANSACTION' });
  const note = 'rcs-delivery: the message has no messageTrafficType, which RBM is going to require. ';
  expect(await send('plain')).toEqual({
    stderr: `${note}Give it (--traffic-type), or a type for plain in RBM_AGENTS\n`,
    type: undefined,
  });
});
