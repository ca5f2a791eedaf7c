import { expect, test } from 'vitest';
import { CLIENT_TOKEN, DELIVERY, MESSAGE_ID, PHONE, userMessage, WORKFLOW_ID } from './support/rbm-sender.js';
import { startTarget } from './support/start-target.js';
import { startWebhook } from './support/start-webhook.js';

const reply = (postbackData: unknown) =>
  userMessage({ text: undefined, suggestionResponse: { postbackData, text: 'Yes', type: 'REPLY' } });

test.each([
  MESSAGE_ID,
  MESSAGE_ID.toUpperCase(),
  `confirm ${MESSAGE_ID}`,
  `action=confirm&id=${MESSAGE_ID}&x=1`,
  `{"id":"${MESSAGE_ID}"}`,
  `confirm:${MESSAGE_ID}`,
])('a reply whose postbackData names the message is signalled and forwarded: %s', async (postbackData) => {
  const target = await startTarget();
  const { send, deliveries, counted } = await startWebhook({ forward: { url: target.url, timeoutMs: 30_000 } });
  expect((await send(reply(postbackData))).status).toBe(200);
  const payload = { eventId: `replied:${MESSAGE_ID}`, sendTime: '2026-01-02T03:04:05Z', from: PHONE };
  expect(deliveries.signals).toEqual([{ workflowId: WORKFLOW_ID, name: 'replied', payload }]);
  expect(target.received).toHaveLength(1);
  expect(await counted({ kind: 'replied', verdict: 'signalled' })).toBe(1);
});

test.each([
  'yes',
  '',
  `x${MESSAGE_ID}`,
  `${MESSAGE_ID}0`,
  `${MESSAGE_ID}-1`,
  MESSAGE_ID.replaceAll('-', ''),
  12,
  { id: MESSAGE_ID },
])('a reply that names no message is only forwarded: %j', async (postbackData) => {
  const { send, deliveries } = await startWebhook();
  expect((await send(reply(postbackData))).status).toBe(200);
  expect(deliveries.calls).toBe(0);
});

test('a user message’s own messageId and text name no delivery', async () => {
  const { send, deliveries } = await startWebhook();
  await send(userMessage({ messageId: MESSAGE_ID, text: MESSAGE_ID }));
  expect(deliveries.calls).toBe(0);
});

test('a foreign agent’s reply is not signalled', async () => {
  const { send, deliveries } = await startWebhook({ rbm: { clientTokens: [CLIENT_TOKEN], agents: ['another'] } });
  expect((await send(reply(MESSAGE_ID))).status).toBe(200);
  expect(deliveries.calls).toBe(0);
});

test('an invalid agentId names no delivery', async () => {
  const { send, deliveries } = await startWebhook();
  expect((await send({ ...reply(MESSAGE_ID), agentId: 'not an agent' })).status).toBe(200);
  expect(deliveries.calls).toBe(0);
});

test.each(['unknown', 'closed', 'refused'] as const)('a reply to a delivery that is %s is harmless', async (result) => {
  const { send, deliveries } = await startWebhook();
  deliveries.answer(DELIVERY, result);
  expect((await send(reply(MESSAGE_ID))).status).toBe(200);
});

test('a reply with many ids costs a few calls at most', async () => {
  const { send, deliveries } = await startWebhook();
  await send(reply(Array.from({ length: 30 }, () => crypto.randomUUID()).join(' ')));
  expect(deliveries.calls).toBe(4);
});

test('while Temporal is down a reply is not forwarded either; its repetition does both, once', async () => {
  const target = await startTarget();
  const { send, deliveries } = await startWebhook({ forward: { url: target.url, timeoutMs: 30_000 } });
  deliveries.down = true;
  expect((await send(reply(MESSAGE_ID))).status).toBe(503);
  expect(target.received).toHaveLength(0);
  deliveries.down = false;
  expect((await send(reply(MESSAGE_ID))).status).toBe(200);
  expect(deliveries.signals).toHaveLength(1);
  expect(target.received).toHaveLength(1);
});
