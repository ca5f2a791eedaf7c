import { afterEach, expect, test } from 'vitest';
import { z } from 'zod';
import { signRbm } from '../../dev/simulator/webhook-sender.js';
import type { Bench } from './simulator-bench.js';
import { createBench, eventBytes, eventOf, MESSAGE_ID } from './simulator-bench.js';

/** Carriers own numbers by prefix. Each may launch and suspend an agent. */
const FINNISH = '+358400000001';
const carriers = [
  { regionId: 'fi-rcs', prefixes: ['+358'] },
  { regionId: 'fi-dna', prefixes: ['+35844'] },
];
let bench: Bench;
afterEach(() => bench.close());
const start = async () => (bench = await createBench({ carriers, defaultBehaviour: 'offline' }));
const status = (phone: string, agentId = 'acme-agent') =>
  bench.create({ phone, query: `messageId=${crypto.randomUUID()}&agentId=${agentId}` }).then((answer) => answer.status);

test('SUSPENDED: RBM posts a signed AgentLaunchEvent, and create answers 404 for that carrier’s numbers alone', async () => {
  const { simulator, receiver } = await start();
  expect(await status(FINNISH)).toBe(200);
  simulator.changeLaunchState({
    ...{ agentId: 'acme-agent@rbm.goog', regionId: '/v1/regions/fi-rcs', newLaunchState: 'SUSPENDED' },
    ...{ actingParty: 'DNA', comment: 'complaints' },
  });
  await simulator.idle();
  const [call] = receiver.calls;
  if (call === undefined) throw new Error('no call');
  const event = eventOf(call);
  expect(event).toMatchObject({
    ...{ agentId: 'acme-agent@rbm.goog', regionId: '/v1/regions/fi-rcs' },
    ...{ oldLaunchState: 'LAUNCHED', newLaunchState: 'SUSPENDED', actingParty: 'DNA', comment: 'complaints' },
  });
  expect(event['eventId']).toMatch(/^acme-agent\/[0-9a-f-]{36}$/);
  expect(call.headers).toMatchObject({
    'x-goog-webhook-type': 'agent_callback',
    'x-goog-signature': signRbm('test-client-token', eventBytes(call)),
  });
  const Attributes = z.object({ message: z.object({ attributes: z.record(z.string(), z.string()) }) });
  expect(Attributes.parse(JSON.parse(call.body)).message.attributes).toMatchObject({
    ...{ type: 'agent_launch_event', event_type: 'SUSPENDED' },
    ...{ product: 'RBM', business_id: 'acme-agent@rbm.goog' },
  });
  expect(await status(FINNISH)).toBe(404);
  expect(await status('+358440000001')).toBe(200);
  expect(await status('+15550100001')).toBe(200);
  expect(await status(FINNISH, 'other-agent')).toBe(200);
});

test.each(['PENDING', 'REJECTED', 'UNLAUNCHED'] as const)('%s answers 404, LAUNCHED accepts again', async (state) => {
  const { simulator, receiver } = await start();
  const change = (newLaunchState: 'LAUNCHED' | typeof state) => {
    simulator.changeLaunchState({ agentId: 'acme-agent', regionId: 'fi-rcs', newLaunchState });
  };
  change(state);
  expect(await status(FINNISH)).toBe(404);
  change('LAUNCHED');
  expect(await status(FINNISH)).toBe(200);
  await simulator.idle();
  expect(receiver.calls.map(eventOf)).toMatchObject([
    { oldLaunchState: 'LAUNCHED', newLaunchState: state },
    { oldLaunchState: state, newLaunchState: 'LAUNCHED' },
  ]);
});

test('a suspended agent reaches no number of that carrier by capability check or agentEvent either', async () => {
  const { simulator } = await start();
  simulator.changeLaunchState({ agentId: 'acme-agent', regionId: 'fi-rcs', newLaunchState: 'SUSPENDED' });
  const authorization = await bench.authorization();
  const path = `${simulator.url}/v1/phones/${FINNISH}`;
  const query = `agentId=acme-agent&requestId=${MESSAGE_ID}&eventId=${MESSAGE_ID}`;
  expect((await fetch(`${path}/capabilities?${query}`, { headers: { authorization } })).status).toBe(404);
  const typing = { method: 'POST', headers: { authorization }, body: '{"eventType":"IS_TYPING"}' };
  expect((await fetch(`${path}/agentEvents?${query}`, typing)).status).toBe(404);
});
