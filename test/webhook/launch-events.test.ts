import { expect, test, vi } from 'vitest';
import type { OnEvent } from '../../src/webhook/forwarder.js';
import { AGENT, CLIENT_TOKEN, launchEvent } from './support/rbm-sender.js';
import { startWebhook } from './support/start-webhook.js';

const COUNTER = 'rcs_webhook_agent_launch_events_total';
const lineOf = (logs: string) =>
  JSON.parse(logs.split('\n').find((line) => line.includes('launch')) ?? '{}') as unknown;

test.each(['SUSPENDED', 'UNLAUNCHED'])('%s is counted, warned about and forwarded', async (newLaunchState) => {
  const onEvent = vi.fn<OnEvent>();
  const { send, counted, logs } = await startWebhook({ onEvent });
  expect((await send(launchEvent({ newLaunchState }))).status).toBe(200);
  expect(await counted({ state: newLaunchState }, COUNTER)).toBe(1);
  expect(await counted({ kind: 'agentLaunch', verdict: 'notConsumed' })).toBe(1);
  expect(lineOf(logs())).toMatchObject({
    level: 40,
    agentId: AGENT,
    regionId: '/v1/regions/fi-rcs',
    oldLaunchState: 'LAUNCHED',
    newLaunchState,
    msg: 'an agent is no longer launched: create answers 404 for every number of that carrier',
  });
  expect(onEvent.mock.calls[0]?.[0]).toMatchObject({ kind: 'agentLaunch', agentId: AGENT, newLaunchState });
});

test.each([
  ['PENDING', 'PENDING'],
  ['LAUNCHED', 'LAUNCHED'],
  ['REJECTED', 'REJECTED'],
  ['PAUSED_BY_CARRIER', 'other'],
])('%s is counted as %s, and no warning', async (newLaunchState, state) => {
  const { send, counted, logs } = await startWebhook();
  expect((await send(launchEvent({ newLaunchState }))).status).toBe(200);
  expect(await counted({ state }, COUNTER)).toBe(1);
  expect(lineOf(logs())).toMatchObject({ level: 30, newLaunchState });
});

test('every known state is there from the start, so that increase() sees the first event', async () => {
  const { metrics } = await startWebhook();
  for (const state of ['PENDING', 'LAUNCHED', 'REJECTED', 'SUSPENDED', 'UNLAUNCHED']) {
    expect(await metrics()).toContain(`${COUNTER}{state="${state}"} 0`);
  }
});

test('an agent that is not allowed is not counted here', async () => {
  const { send, counted, logs } = await startWebhook({ rbm: { clientTokens: [CLIENT_TOKEN], agents: ['another'] } });
  expect((await send(launchEvent())).status).toBe(200);
  expect(await counted({ kind: 'agentLaunch', verdict: 'foreignAgent' })).toBe(1);
  expect(await counted({}, COUNTER)).toBe(0);
  expect(logs()).not.toContain('no longer launched');
});
