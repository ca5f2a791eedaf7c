import fc from 'fast-check';
import { expect, test } from 'vitest';
import { deliveredEvent, post, sign, signedCall } from './support/rbm-sender.js';
import { startWebhook } from './support/start-webhook.js';

const EVENT = deliveredEvent();
const good = signedCall(EVENT);
const withSignature = (signature: string | undefined) => ({
  body: good.body,
  headers: { 'content-type': 'application/json', ...(signature !== undefined && { 'x-goog-signature': signature }) },
});
const right = sign(Buffer.from(JSON.stringify(EVENT, null, 2)));

test.each([
  ['none', undefined],
  ['empty', ''],
  ['of another token', sign(Buffer.from(JSON.stringify(EVENT, null, 2)), 'another-token')],
  ['of the re-serialized JSON', sign(Buffer.from(JSON.stringify(EVENT)))],
  ['of the whole body', sign(Buffer.from(good.body))],
  ['of an empty token', sign(Buffer.from(JSON.stringify(EVENT, null, 2)), '')],
  ['cut short', right.slice(0, -1)],
  ['twice', `${right}, ${right}`],
  ['in hex', Buffer.from(right, 'base64').toString('hex')],
])('an event whose signature is wrong is refused with 401, so that RBM keeps it: %s', async (_, signature) => {
  const { url, deliveries, counted, logs } = await startWebhook();
  const answer = await post(`${url}/webhooks/rbm`, withSignature(signature));
  expect(answer.status).toBe(401);
  expect(JSON.parse(answer.text)).toEqual({ code: 'SIGNATURE_INVALID', message: expect.any(String) as string });
  expect(deliveries.calls).toBe(0);
  expect(await counted({ verdict: 'unsigned' })).toBe(1);
  expect(logs()).toContain('refused');
});

test('while a token is rotated, events signed with either are accepted', async () => {
  const { send, deliveries } = await startWebhook({ rbm: { clientTokens: ['new-token', 'old-token'] } });
  expect((await send(deliveredEvent(), 'old-token')).status).toBe(200);
  expect((await send(deliveredEvent({ eventType: 'TTL_X', messageId: crypto.randomUUID() }), 'new-token')).status).toBe(
    200,
  );
  expect((await send(deliveredEvent(), 'retired')).status).toBe(401);
  expect(deliveries.signals).toHaveLength(2);
});

test('an event that was refused because of a wrongly configured token is accepted once the token is right', async () => {
  const wrong = await startWebhook({ rbm: { clientTokens: ['mistyped'] } });
  expect((await wrong.send(EVENT)).status).toBe(401);
  const right = await startWebhook();
  expect((await right.send(EVENT)).status).toBe(200);
  expect(right.deliveries.signals).toHaveLength(1);
});

test('a flood of forged events is one line in the log', async () => {
  const { send, logs } = await startWebhook();
  await Promise.all(Array.from({ length: 20 }, () => send(EVENT, 'forged')));
  const warnings = logs()
    .split('\n')
    .filter((line) => line.includes('"level":40'));
  expect(warnings).toHaveLength(1);
});

test('a replayed event is answered 200 and reaches Temporal once', async () => {
  const { url, deliveries, counted } = await startWebhook();
  for (let i = 0; i < 5; i += 1) expect((await post(`${url}/webhooks/rbm`, good)).status).toBe(200);
  expect(deliveries.calls).toBe(1);
  expect(await counted({ verdict: 'repeated' })).toBe(4);
});

test('attributes and subscription are not signed, so they are ignored', async () => {
  const { url, deliveries } = await startWebhook();
  const envelope = JSON.parse(good.body) as { message: Record<string, unknown> };
  const body = JSON.stringify({ message: { ...envelope.message, attributes: { message_type: 'READ' } } });
  expect((await post(`${url}/webhooks/rbm`, { ...good, body })).status).toBe(200);
  expect(deliveries.signals.map(({ name }) => name)).toEqual(['delivered']);
});

test.each<[string, (data: string) => string]>([
  ['a newline every 76 characters', (data) => data.replace(/.{76}/g, '$&\n')],
  ['CRLF every 76 characters', (data) => data.replace(/.{76}/g, '$&\r\n')],
  ['a trailing newline', (data) => `${data}\n`],
  ['a leading space', (data) => ` ${data}`],
])('the signature covers the decoded bytes, so base64 may hold whitespace: %s', async (_, written) => {
  const { url, deliveries } = await startWebhook();
  const { message } = JSON.parse(good.body) as { message: { data: string } };
  const body = JSON.stringify({ message: { ...message, data: written(message.data) } });
  expect((await post(`${url}/webhooks/rbm`, { ...good, body })).status).toBe(200);
  expect(deliveries.signals.map(({ name }) => name)).toEqual(['delivered']);
});

test('an unsigned call is answered 400, 401 or 403, and never reaches Temporal', async () => {
  const { app, deliveries, counted } = await startWebhook();
  const envelope = fc.record(
    { message: fc.oneof(fc.record({ data: fc.oneof(fc.base64String(), fc.string()) }), fc.jsonValue()) },
    { requiredKeys: [] },
  );
  const handshake = fc.record({ clientToken: fc.jsonValue(), secret: fc.jsonValue() }, { requiredKeys: [] });
  const json = fc.oneof(envelope, handshake, fc.jsonValue()).map((value) => JSON.stringify(value));
  const body = fc.oneof(
    json,
    json.chain(mutated),
    fc.string(),
    fc.uint8Array().map((bytes) => Buffer.from(bytes)),
  );
  const signature = fc.oneof(fc.base64String(), fc.stringMatching(/^[\x21-\x7e]{0,100}$/), fc.constant(right));
  await fc.assert(
    fc.asyncProperty(body, signature, async (payload, signature) => {
      const headers = { 'content-type': 'application/json', 'x-goog-signature': signature };
      const answer = await app.inject({ method: 'POST', url: '/webhooks/rbm', payload, headers });
      expect([400, 401, 403]).toContain(answer.statusCode);
    }),
    { numRuns: 2_000 },
  );
  expect(deliveries.calls).toBe(0);
  expect(await counted({}, 'rcs_webhook_in_flight')).toBe(0);
});

test('a signed call is answered 200, and only an event of a message reaches Temporal', async () => {
  const { app, deliveries, counted } = await startWebhook();
  const word = fc.oneof(fc.constantFrom('DELIVERED', 'READ', 'TTL_X', 'IS_TYPING'), fc.string(), fc.jsonValue());
  const fields = fc.constantFrom('agentId', 'eventType', 'eventId', 'sendTime', 'text', '__proto__', 'messageId');
  const event = fc
    .record({ messageId: fc.uuid(), changes: fc.dictionary(fields, word, { maxKeys: 3 }) })
    .map(({ messageId, changes }) => JSON.stringify(deliveredEvent({ messageId, ...changes })));
  const data = fc.oneof(event, event.chain(mutated), fc.json()).map((text) => Buffer.from(text));
  const earned = new Set<string>();
  await fc.assert(
    fc.asyncProperty(data, async (bytes) => {
      earned.add(workflowIdEarnedBy(bytes));
      const { body: payload, headers } = signedCall(bytes);
      const answer = await app.inject({ method: 'POST', url: '/webhooks/rbm', payload, headers });
      expect(answer.statusCode).toBe(200);
    }),
    { numRuns: 2_000 },
  );
  expect(deliveries.signals.length).toBeGreaterThan(100);
  expect(deliveries.signals.filter(({ workflowId }) => !earned.has(workflowId))).toEqual([]);
  expect(await counted({}, 'rcs_webhook_in_flight')).toBe(0);
});

test('the warning about a wrong token is logged, whatever else strangers send', async () => {
  const { url, send, logs } = await startWebhook();
  const headers = { 'content-type': 'application/json' };
  for (let sent = 0; sent < 2; sent += 1) {
    expect((await post(`${url}/webhooks/rbm`, { body: '{}', headers })).status).toBe(400);
    const handshake = JSON.stringify({ clientToken: 'forged', secret: 's' });
    expect((await post(`${url}/webhooks/rbm`, { body: handshake, headers })).status).toBe(403);
    expect((await send(deliveredEvent(), 'forged')).status).toBe(401);
  }
  expect(logs().match(/"verdict":"\w+"/g)).toEqual(
    ['malformed', 'forbidden', 'unsigned'].map((verdict) => `"verdict":"${verdict}"`),
  );
});

/** Returns the id of the delivery that these bytes are a valid event of, or an empty string. */
function workflowIdEarnedBy(bytes: Buffer): string {
  try {
    const { agentId, messageId, eventType } = JSON.parse(bytes.toString()) as Record<string, unknown>;
    if (typeof eventType !== 'string' || !/^(DELIVERED|READ|TTL_.*)$/s.test(eventType)) return '';
    return `message-delivery:${String(agentId).replace('@rbm.goog', '')}:${String(messageId).toLowerCase()}`;
  } catch {
    return '';
  }
}

/** Loses or replaces one character. */
function mutated(text: string): fc.Arbitrary<string> {
  return fc
    .record({ at: fc.nat(text.length), by: fc.constantFrom('', '"', '{', '\\', '\u0000', '\ud800') })
    .map(({ at, by }) => text.slice(0, at) + by + text.slice(at + 1));
}
