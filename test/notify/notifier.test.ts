import { afterEach, expect, test } from 'vitest';
import { Webhook } from 'standardwebhooks';
import { createNotifier } from '../../src/notify/notifier.js';
import { startReceiver, type Receiver } from './receiver.js';

const SECRETS = ['new', 'old'].map((name) => `whsec_${Buffer.from(`the ${name} secret of tests`).toString('base64')}`);
const [NEW = '', OLD = ''] = SECRETS;
const request = { id: 'acme:1:1', body: '{"type":"delivery.settled"}', timeoutMs: 30_000 };

let receiver: Receiver | undefined;
afterEach(async () => {
  await receiver?.stop();
});

test('signs with every secret, so that a receiver with either one takes it', async () => {
  receiver = await startReceiver(() => 204);
  const notifier = createNotifier({ secrets: { [receiver.origin]: SECRETS } });

  await notifier.notify({ ...request, url: `${receiver.origin}/hook?a=b` });

  expect(receiver.verified('/hook?a=b', NEW)).toEqual([{ type: 'delivery.settled' }]);
  expect(receiver.verified('/hook?a=b', OLD)).toEqual([{ type: 'delivery.settled' }]);
  const [{ body, headers } = { body: '', headers: {} }] = receiver.calls;
  expect(headers).toMatchObject({ 'webhook-id': 'acme:1:1', 'content-type': 'application/json' });
  expect(() => new Webhook(NEW).verify(`${body} `, headers as Record<string, string>)).toThrow();
});

test('signs for each host with its own secret alone', async () => {
  const [one, other] = await Promise.all([startReceiver(() => 204), startReceiver(() => 204)]);
  try {
    const notifier = createNotifier({ secrets: { [one.origin]: [NEW], [other.origin]: [OLD] } });

    await notifier.notify({ ...request, url: `${one.origin}/hook` });
    await notifier.notify({ ...request, url: `${other.origin}/hook` });

    expect(one.verified('/hook', NEW)).toHaveLength(1);
    expect(() => one.verified('/hook', OLD)).toThrow();
    expect(other.verified('/hook', OLD)).toHaveLength(1);
    expect(() => other.verified('/hook', NEW)).toThrow();
  } finally {
    await Promise.all([one.stop(), other.stop()]);
  }
});

test.each([
  [500, { kind: 'failed', httpStatus: 500 }],
  [404, { kind: 'failed', httpStatus: 404 }],
  [301, { kind: 'failed', httpStatus: 301 }],
  [410, { kind: 'refused', httpStatus: 410 }],
])('%i is not taken', async (status, error) => {
  receiver = await startReceiver(() => ({ status, headers: { location: '/elsewhere' } }));
  const notifier = createNotifier({ secrets: { [receiver.origin]: SECRETS } });

  await expect(notifier.notify({ ...request, url: `${receiver.origin}/hook` })).rejects.toMatchObject(error);
  expect(receiver.calls.map(({ path }) => path)).toEqual(['/hook']);
});

test('passes on how long the receiver wants to be left alone', async () => {
  receiver = await startReceiver(() => ({ status: 429, headers: { 'retry-after': '7' } }));
  const notifier = createNotifier({ secrets: { [receiver.origin]: SECRETS } });

  await expect(notifier.notify({ ...request, url: receiver.origin })).rejects.toMatchObject({ retryAfterMs: 7_000 });
});

test('nobody there: a later attempt may be taken', async () => {
  receiver = await startReceiver(() => 200);
  const { origin } = receiver;
  await receiver.stop();
  receiver = undefined;
  const notifier = createNotifier({ secrets: { [origin]: SECRETS } });

  await expect(notifier.notify({ ...request, url: origin })).rejects.toMatchObject({
    kind: 'failed',
    message: 'no answer: ECONNREFUSED',
  });
});

test.each([
  'https://127.0.0.1/hook',
  'http://127.0.0.1:1/hook',
  'http://localhost/hook',
  'http://allowed.example@evil.example/hook',
  'file:///etc/hostname',
  'nonsense',
])('%s is not on the list, and is never called', async (url) => {
  const notifier = createNotifier({ secrets: { 'http://allowed.example': SECRETS, 'http://127.0.0.1': SECRETS } });
  const call = notifier.notify({ ...request, url });

  await expect(call).rejects.toMatchObject({ kind: 'refused', httpStatus: undefined });
});
