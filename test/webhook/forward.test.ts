import { describe, expect, test, vi } from 'vitest';
import type { OnEvent } from '../../src/webhook/forwarder.js';
import {
  CLIENT_TOKEN,
  DELIVERY,
  deliveredEvent,
  launchEvent,
  PHONE,
  post,
  sign,
  signedCall,
  unsubscribeEvent,
  USER_TEXT,
  userMessage,
} from './support/rbm-sender.js';
import { startTarget } from './support/start-target.js';
import { startWebhook } from './support/start-webhook.js';
import { WAIT } from '../support/wait.js';

const forwardTo = ({ url }: { readonly url: string }, timeoutMs = 30_000) => ({ forward: { url, timeoutMs } });

describe('the forward URL', () => {
  test('gets what the signature covers, and nothing that came beside it', async () => {
    const target = await startTarget();
    const { url } = await startWebhook(forwardTo(target));
    const { body, headers } = signedCall(userMessage());
    const { message } = JSON.parse(body) as { message: { data: string } };
    const unsigned = { attributes: { type: USER_TEXT }, messageId: USER_TEXT, publishTime: '2026-01-02T03:04:05Z' };
    const broken = message.data.replace(/.{76}/g, '$&\r\n').replaceAll('+', '-').replaceAll('/', '_');
    const sent = { message: { ...unsigned, data: broken }, subscription: USER_TEXT, clientToken: USER_TEXT };
    const extra = {
      'content-type': 'application/json;charset=utf-8;boundary=x',
      'x-goog-webhook-type': 'agent_callback',
      'x-goog-other': USER_TEXT,
      cookie: USER_TEXT,
    };
    const call = { body: `  ${JSON.stringify(sent)}\n`, headers: { ...headers, ...extra } };
    expect((await post(`${url}/webhooks/rbm`, call)).status).toBe(200);
    expect(target.received).toHaveLength(1);
    const [got] = target.received;
    // A receiver checks the signature over the data that it decoded itself.
    expect(sign(Buffer.from(message.data, 'base64'))).toBe(got?.headers['x-goog-signature']);
    expect(got?.body.toString()).toBe(JSON.stringify({ message: { data: message.data } }));
    expect(got?.headers).toMatchObject({ 'content-type': 'application/json', 'x-goog-webhook-type': 'agent_callback' });
    expect(JSON.stringify(got?.headers)).not.toContain(USER_TEXT);
  });

  test.each([
    ['verification', 'verification'],
    ['message_callback', 'message_callback'],
    ['agent_callback, agent_callback', undefined],
    ['AGENT_CALLBACK', undefined],
    [USER_TEXT, undefined],
    ['', undefined],
  ])('gets an X-Goog-Webhook-Type of a known form only: %j', async (given, forwarded) => {
    const target = await startTarget();
    const { url } = await startWebhook(forwardTo(target));
    const { body, headers } = signedCall(userMessage());
    await post(`${url}/webhooks/rbm`, { body, headers: { ...headers, 'x-goog-webhook-type': given } });
    expect(target.received[0]?.headers['x-goog-webhook-type']).toBe(forwarded);
  });

  test('gets no body that was only put beside a signature over nothing', async () => {
    const target = await startTarget();
    const { url } = await startWebhook(forwardTo(target));
    const body = JSON.stringify({ message: { text: USER_TEXT } });
    const headers = { 'content-type': 'application/json', 'x-goog-signature': sign(Buffer.alloc(0)) };
    await post(`${url}/webhooks/rbm`, { body, headers });
    expect(target.received.map((got) => got.body.toString())).toEqual(['{"message":{"data":""}}']);
  });

  test.each([
    ['typing', deliveredEvent({ eventType: 'IS_TYPING', messageId: undefined })],
    ['UNSUBSCRIBE', unsubscribeEvent()],
    ['SUBSCRIBE', unsubscribeEvent({ eventType: 'SUBSCRIBE' })],
    ['a keyword', userMessage({ text: 'STOP' })],
    ['a launch event', launchEvent()],
    ['other', deliveredEvent({ eventType: 'SOMETHING_NEW' })],
    ['a message of another system', deliveredEvent({ messageId: 'not-a-uuid' })],
    ['a foreign agent', deliveredEvent({ agentId: 'foreign@rbm.goog' })],
    [
      'a suggestion reply',
      userMessage({ text: undefined, suggestionResponse: { postbackData: 'yes', type: 'REPLY' } }),
    ],
  ])('gets what deliveries do not consume: %s', async (_, event) => {
    const target = await startTarget();
    const rbm = { clientTokens: [CLIENT_TOKEN], agents: ['acme-agent'] };
    const { send, counted } = await startWebhook({ ...forwardTo(target), rbm });
    expect((await send(event)).status).toBe(200);
    expect(target.received).toHaveLength(1);
    expect(await counted({ verdict: 'forwarded' }, 'rcs_webhook_forwards_total')).toBe(1);
  });

  test('gets the events of unknown deliveries', async () => {
    const target = await startTarget();
    const { send, deliveries } = await startWebhook(forwardTo(target));
    deliveries.answer(DELIVERY, 'unknown');
    await send(deliveredEvent());
    await send(deliveredEvent());
    expect(target.received).toHaveLength(1);
    expect(deliveries.calls).toBe(1);
  });

  test('gets what can not be read: another receiver may be able to', async () => {
    const target = await startTarget();
    const { send, counted, deliveries } = await startWebhook(forwardTo(target));
    const withoutAgent = { ...deliveredEvent(), agentId: undefined };
    for (const event of [Buffer.from('{'), withoutAgent]) expect((await send(event)).status).toBe(200);
    expect(target.received).toHaveLength(2);
    expect(deliveries.calls).toBe(0);
    expect(await counted({ verdict: 'unreadable' })).toBe(2);
  });

  test('gets nothing that a delivery consumed, and nothing forged', async () => {
    const target = await startTarget();
    const { send, deliveries } = await startWebhook(forwardTo(target));
    await send(deliveredEvent());
    await send(deliveredEvent());
    deliveries.answer({ ...DELIVERY, agentId: 'ended' }, 'closed');
    await send(deliveredEvent({ agentId: 'ended' }));
    await send(userMessage(), 'forged');
    expect(target.received).toHaveLength(0);
  });

  test.each([
    [400, 400],
    [404, 404],
    [500, 500],
    [503, 503],
    [301, 502],
    [307, 502],
    [600, 502],
    [999, 502],
  ])('its %d is answered as %d, and RBM’s repetition reaches it', async (status, answered) => {
    const elsewhere = await startTarget();
    let healthy = false;
    const target = await startTarget((response) => {
      response.writeHead(healthy ? 204 : status, { location: elsewhere.url }).end(USER_TEXT);
    });
    const { send, counted, logs } = await startWebhook(forwardTo(target));
    const refused = await send(userMessage());
    expect(refused.status).toBe(answered);
    expect(refused.text).not.toContain(USER_TEXT);
    expect(await counted({ verdict: 'refused' }, 'rcs_webhook_forwards_total')).toBe(1);
    healthy = true;
    expect((await send(userMessage())).status).toBe(200);
    expect(elsewhere.received).toHaveLength(0);
    expect(logs()).not.toContain('forward-secret');
  });

  test('RBM gets 503 when it does not answer', async () => {
    const target = await startTarget(() => undefined);
    const { send } = await startWebhook(forwardTo(target, 200));
    expect((await send(userMessage())).status).toBe(503);
    expect(target.received).toHaveLength(1);
  });

  test('RBM gets 503 when it can not be reached', async () => {
    const { send } = await startWebhook({ forward: { url: 'http://127.0.0.1:1/', timeoutMs: 1_000 } });
    expect((await send(userMessage())).status).toBe(503);
  });

  test('a burst waits: none of 300 events is refused', async () => {
    let release = (): void => undefined;
    const held = new Promise<void>((resolve) => (release = resolve));
    const target = await startTarget((response) => void held.then(() => response.end()));
    const { send, counted } = await startWebhook({ ...forwardTo(target, 10_000), limits: { forwardWaitMs: 10_000 } });
    const answers = Array.from({ length: 300 }, (_, n) =>
      send(userMessage({ messageId: `users-own-id-${String(n)}` })),
    );
    await expect.poll(() => counted({ source: 'rbm' }, 'rcs_webhook_in_flight')).toBe(300);
    expect(target.received.length).toBeLessThanOrEqual(100);
    release();
    expect((await Promise.all(answers)).filter(({ status }) => status !== 200)).toEqual([]);
    expect(target.received).toHaveLength(300);
  });

  test('does not delay the events of deliveries', async () => {
    const target = await startTarget(() => undefined);
    const limits = { forwardsInFlight: 1, forwardWaitMs: 50 };
    const { send, counted } = await startWebhook({ ...forwardTo(target), limits });
    const stuck = send(userMessage());
    await vi.waitFor(() => {
      expect(target.received).toHaveLength(1);
    }, WAIT);
    expect((await send(userMessage({ text: 'another' }))).status).toBe(503);
    expect(await counted({ verdict: 'overloaded' }, 'rcs_webhook_forwards_total')).toBe(1);
    expect((await send(deliveredEvent())).status).toBe(200);
    expect((await stuck).status).toBe(503);
  });

  test.each(['', 'ftp://x.example/', 'nowhere', 'https://user:secret@x.example/'])(
    'must be usable: %j',
    async (url) => {
      await expect(startWebhook({ forward: { url, timeoutMs: 1_000 } })).rejects.toThrow(/^forward\.url must be/);
    },
  );
});

describe('onEvent', () => {
  test('gets the event, and what was verified of the call', async () => {
    const onEvent = vi.fn<OnEvent>();
    const { url } = await startWebhook({ onEvent });
    const { body, headers } = signedCall(userMessage({ suggestionResponse: { postbackData: 'yes' } }));
    const call = { body, headers: { ...headers, 'x-goog-webhook-type': USER_TEXT } };
    expect((await post(`${url}/webhooks/rbm`, call)).status).toBe(200);
    const [event, verified] = onEvent.mock.calls[0] ?? [];
    expect(event).toMatchObject({ kind: 'userMessage', agentId: 'acme-agent', postbackData: 'yes' });
    const { data } = (JSON.parse(body) as { message: { data: string } }).message;
    expect(verified).toEqual({
      data: Buffer.from(data, 'base64'),
      body: Buffer.from(JSON.stringify({ message: { data } })),
      contentType: 'application/json',
      signature: headers['x-goog-signature'],
    });
  });

  test.each([
    [
      'throws',
      () => {
        throw new Error(USER_TEXT);
      },
    ],
    ['rejects', () => Promise.reject(new Error(USER_TEXT))],
    ['never settles', () => new Promise<void>(() => undefined)],
  ] as const)('that %s makes RBM repeat the event', async (_, onEvent) => {
    const target = await startTarget();
    const { send, logs } = await startWebhook({ onEvent, ...forwardTo(target), limits: { handlerTimeoutMs: 100 } });
    expect((await send(userMessage())).status).toBe(503);
    expect(target.received).toHaveLength(0);
    expect(logs()).toContain('onEvent failed');
    expect(logs()).not.toContain(USER_TEXT);
  });

  test('that never settles keeps its place: no more than the limit ever run', async () => {
    const onEvent = vi.fn<OnEvent>(() => new Promise<void>(() => undefined));
    const { send } = await startWebhook({ onEvent, limits: { handlerTimeoutMs: 50, forwardsInFlight: 3 } });
    for (let sent = 0; sent < 6; sent += 1) expect((await send(userMessage())).status).toBe(503);
    expect(onEvent).toHaveBeenCalledTimes(3);
  });

  test('comes before the forward URL; both must accept', async () => {
    const order: string[] = [];
    const target = await startTarget((response) => {
      order.push('forward');
      response.end();
    });
    const { send } = await startWebhook({ onEvent: () => void order.push('onEvent'), ...forwardTo(target) });
    expect((await send(userMessage())).status).toBe(200);
    expect(order).toEqual(['onEvent', 'forward']);
  });
});

describe('a repeated event', () => {
  test('is forwarded once, whatever comes with it', async () => {
    const target = await startTarget();
    const onEvent = vi.fn<OnEvent>();
    const { url, counted } = await startWebhook({ ...forwardTo(target), onEvent });
    for (const unsigned of [{}, { publishTime: '2026-05-06T07:08:09Z' }, { messageId: '456' }]) {
      expect((await post(`${url}/webhooks/rbm`, signedCall(userMessage(), CLIENT_TOKEN, unsigned))).status).toBe(200);
    }
    expect(target.received).toHaveLength(1);
    expect(onEvent).toHaveBeenCalledOnce();
    expect(await counted({ verdict: 'repeated' }, 'rcs_webhook_forwards_total')).toBe(2);
    await post(`${url}/webhooks/rbm`, signedCall(userMessage({ messageId: 'another' })));
    expect(target.received).toHaveLength(2);
  });

  test('that only the URL refused does not reach onEvent again', async () => {
    let status = 500;
    const target = await startTarget((response) => response.writeHead(status).end());
    const onEvent = vi.fn<OnEvent>();
    const { send } = await startWebhook({ ...forwardTo(target), onEvent });
    expect((await send(userMessage())).status).toBe(500);
    status = 200;
    expect((await send(userMessage())).status).toBe(200);
    expect(target.received).toHaveLength(2);
    expect(onEvent).toHaveBeenCalledOnce();
  });

  test.each([
    [200, 200],
    [500, 500],
  ])('at the same time shares the one answer, and takes one place: %d', async (status, answered) => {
    let release = (): void => undefined;
    const held = new Promise<void>((resolve) => (release = resolve));
    const target = await startTarget((response) => void held.then(() => response.writeHead(status).end()));
    const limits = { forwardsInFlight: 2, forwardsWaiting: 0 };
    const { send, counted } = await startWebhook({ ...forwardTo(target), limits });
    const answers = Array.from({ length: 20 }, () => send(userMessage()));
    await expect.poll(() => counted({ source: 'rbm' }, 'rcs_webhook_in_flight')).toBe(20);
    answers.push(send(userMessage({ messageId: 'another' })));
    await expect.poll(() => target.received.length).toBe(2);
    release();
    expect(new Set((await Promise.all(answers)).map((answer) => answer.status))).toEqual(new Set([answered]));
    expect(target.received).toHaveLength(2);
  });

  test('is one with the same envelope, if RBM gave the event neither an id nor a time', async () => {
    const target = await startTarget();
    const { url } = await startWebhook(forwardTo(target));
    // A tap as in Google's sample.
    const tap = { senderPhoneNumber: PHONE, agentId: 'acme-agent', suggestionResponse: { postbackData: 'yes' } };
    const first = signedCall(tap, CLIENT_TOKEN, { publishTime: '2026-01-02T03:04:05Z' });
    const second = signedCall(tap, CLIENT_TOKEN, { publishTime: '2026-01-02T03:04:09Z' });
    for (const call of [first, first, second, second]) await post(`${url}/webhooks/rbm`, call);
    expect(target.received).toHaveLength(2);
  });
});
