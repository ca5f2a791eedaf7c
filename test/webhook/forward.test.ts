import { describe, expect, test, vi } from 'vitest';
import type { OnEvent } from '../../src/webhook/forwarder.js';
import {
  CLIENT_TOKEN,
  DELIVERY,
  deliveredEvent,
  launchEvent,
  post,
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
  test('gets the original bytes, content type and signature', async () => {
    const target = await startTarget();
    const { url } = await startWebhook(forwardTo(target));
    const call = signedCall(userMessage());
    const headers = {
      ...call.headers,
      'content-type': 'application/json;charset=utf-8',
      'x-goog-webhook-type': 'agent_callback',
    };
    // Serializing the JSON again would lose these spaces.
    const body = `  ${call.body}\n`;
    expect((await post(`${url}/webhooks/rbm`, { body, headers })).status).toBe(200);
    expect(target.received).toHaveLength(1);
    expect(target.received[0]?.body.toString()).toBe(body);
    expect(target.received[0]?.headers).toMatchObject(headers);
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

  test('gets the events of unknown deliveries, also when they are repeated', async () => {
    const target = await startTarget();
    const { send, deliveries } = await startWebhook(forwardTo(target));
    deliveries.answer(DELIVERY, 'unknown');
    await send(deliveredEvent());
    await send(deliveredEvent());
    expect(target.received).toHaveLength(2);
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
    const answers = Array.from({ length: 300 }, () => send(userMessage()));
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
  test('gets the event and the original call', async () => {
    const onEvent = vi.fn<OnEvent>();
    const { url } = await startWebhook({ onEvent });
    const call = signedCall(userMessage({ suggestionResponse: { postbackData: 'yes' } }));
    expect((await post(`${url}/webhooks/rbm`, call)).status).toBe(200);
    const [event, raw] = onEvent.mock.calls[0] ?? [];
    expect(event).toMatchObject({ kind: 'userMessage', agentId: 'acme-agent', postbackData: 'yes' });
    expect(raw).toEqual({
      body: Buffer.from(call.body),
      contentType: 'application/json',
      signature: call.headers['x-goog-signature'],
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
