import { describe, expect, test, vi } from 'vitest';
import { TemporalUnavailableError } from '../../src/webhook/delivery-signals.js';
import type { OnEvent } from '../../src/webhook/forwarder.js';
import {
  AGENT,
  CLIENT_TOKEN,
  deliveredEvent,
  OTHER_PHONE,
  PHONE,
  post,
  signedCall,
  unsubscribeEvent,
  userMessage,
  USER_TEXT,
} from './support/rbm-sender.js';
import { startWebhook } from './support/start-webhook.js';

const DAY = 86_400_000;
const person = { agentId: AGENT, recipient: PHONE };
const at = (second: number) => `2026-01-02T03:04:0${String(second)}Z`;
const optOut = (second: number, fields: object = {}) =>
  unsubscribeEvent({ eventId: `evt-${String(second)}`, sendTime: at(second), ...fields });
const optIn = (second: number, fields: object = {}) => optOut(second, { eventType: 'SUBSCRIBE', ...fields });
const keyword = (text: string, fields: object = {}) => userMessage({ text, ...fields });
const saidIn = (sayings: readonly { readonly said: string }[]) => sayings.map(({ said }) => said);

describe('what people say is recorded, then forwarded', () => {
  test.each([
    ['UNSUBSCRIBE', 'optOut', 'unsubscribe'],
    ['SUBSCRIBE', 'optIn', 'subscribe'],
  ])('%s', async (eventType, said, kind) => {
    const onEvent = vi.fn<OnEvent>();
    const { send, optOuts, deliveries, counted } = await startWebhook({ onEvent });
    expect((await send(optOut(1, { eventType }))).status).toBe(200);
    expect(optOuts.said).toEqual([{ said, person, entry: { source: 'rbm', sendTime: at(1), eventId: 'evt-1' } }]);
    expect(await counted({ kind })).toBe(1);
    expect(await counted({ kind, verdict: 'recorded' })).toBe(1);
    expect(onEvent.mock.calls[0]?.[0]).toMatchObject({ kind, agentId: AGENT, from: PHONE });
    expect(deliveries.calls).toBe(0);
  });

  test.each([
    ['stop', 'optOut', 'keyword STOP', 'unsubscribeKeyword'],
    [' Baja ', 'optOut', 'keyword BAJA', 'unsubscribeKeyword'],
    ['demarrer', 'optIn', 'keyword DÉMARRER', 'subscribeKeyword'],
  ])('the text %j', async (text, said, source, kind) => {
    const onEvent = vi.fn<OnEvent>();
    const { send, optOuts, counted } = await startWebhook({ onEvent });
    expect((await send(keyword(text))).status).toBe(200);
    // The user's own id of the message is the same on a repetition, and RBM's texts often have no other.
    const entry = { source, sendTime: at(5), eventId: 'users-own-id' };
    expect(optOuts.said).toEqual([{ said, person, entry }]);
    expect(await counted({ kind, verdict: 'recorded' })).toBe(1);
    expect(await counted({ kind: 'userMessage', verdict: 'notConsumed' })).toBe(1);
    expect(onEvent).toHaveBeenCalledTimes(1);
  });

  test('other texts, files and tapped suggestions say nothing', async () => {
    const { send, optOuts, counted } = await startWebhook();
    for (const text of ['stop it', USER_TEXT, undefined]) await send(keyword('', { text }));
    await send(userMessage({ text: undefined, suggestionResponse: { text: 'STOP', postbackData: 'STOP' } }));
    expect(optOuts.calls).toBe(0);
    expect(await counted({ kind: 'userMessage', verdict: 'notConsumed' })).toBe(3);
  });

  test('without a time of its own, an opt-out gets the time of receipt', async () => {
    const { send, optOuts } = await startWebhook();
    const before = Date.now();
    await send(unsubscribeEvent());
    const { sendTime = '' } = optOuts.said[0]?.entry ?? {};
    expect(Date.parse(sendTime)).toBeGreaterThanOrEqual(before);
    expect(Date.parse(sendTime)).toBeLessThanOrEqual(Date.now());
  });

  test('an event without an id has none', async () => {
    const { send, optOuts } = await startWebhook();
    await send(optOut(1, { eventId: undefined }));
    expect(optOuts.said[0]?.entry).toEqual({ source: 'rbm', sendTime: at(1) });
  });
});

describe('an opt-in without a time of its own', () => {
  const optIns = [
    ['SUBSCRIBE', unsubscribeEvent({ eventType: 'SUBSCRIBE' }), 'subscribe'],
    ['START', keyword('START', { sendTime: undefined }), 'subscribeKeyword'],
  ] as const;

  describe.each(optIns)('%s', (_, event) => {
    test('gets the time at which Pub/Sub got it, however late it is repeated', async () => {
      const { url, optOuts } = await startWebhook({ limits: { remembered: 1 } });
      const published = new Date(Date.now() - 3 * DAY).toISOString();
      const call = signedCall(event, CLIENT_TOKEN, { publishTime: published.replace('Z', '012Z') });
      await post(`${url}/webhooks/rbm`, call);
      await post(`${url}/webhooks/rbm`, signedCall(optOut(7, { senderPhoneNumber: OTHER_PHONE })));
      await post(`${url}/webhooks/rbm`, call);
      const times = optOuts.said.flatMap(({ said, entry }) => (said === 'optIn' ? [entry.sendTime] : []));
      expect(times).toEqual([published, published]);
    });

    test('is never newer than its receipt, whatever the envelope says', async () => {
      const { url, optOuts } = await startWebhook();
      await post(`${url}/webhooks/rbm`, signedCall(event, CLIENT_TOKEN, { publishTime: '2999-01-02T03:04:06Z' }));
      expect(Date.parse(optOuts.said[0]?.entry.sendTime ?? '')).toBeLessThanOrEqual(Date.now());
    });

    test.each([undefined, 'yesterday', '2026-01-02T03:04:06Z'])(
      'gets the time of its receipt with the publishTime %s, which is not Pub/Sub’s',
      async (publishTime) => {
        const { url, optOuts } = await startWebhook();
        const before = Date.now();
        await post(`${url}/webhooks/rbm`, signedCall(event, CLIENT_TOKEN, { publishTime }));
        const recorded = Date.parse(optOuts.said[0]?.entry.sendTime ?? '');
        expect(recorded).toBeGreaterThanOrEqual(before);
        expect(recorded).toBeLessThanOrEqual(Date.now());
      },
    );
  });

  test('with one, the envelope does not matter', async () => {
    const { url, optOuts } = await startWebhook();
    await post(`${url}/webhooks/rbm`, signedCall(optIn(1), CLIENT_TOKEN, { publishTime: undefined }));
    expect(optOuts.said[0]?.entry.sendTime).toBe(at(1));
  });
});

describe('an opt-out is acknowledged only once it is durable', () => {
  test('not before', async () => {
    const { send, optOuts, counted } = await startWebhook();
    const release = optOuts.hold();
    let answered = false;
    const sent = send(optOut(1)).finally(() => (answered = true));
    await expect.poll(() => optOuts.calls).toBe(1);
    expect(await counted({ source: 'rbm' }, 'rcs_webhook_in_flight')).toBe(1);
    expect(answered).toBe(false);
    release();
    expect((await sent).status).toBe(200);
  });

  test.each([
    ['Temporal is down', new TemporalUnavailableError('grpc 14')],
    ["an embedder's error", new TypeError(`${PHONE} ${USER_TEXT}`)],
  ])('RBM gets 503 and nothing is forwarded, until it is: %s', async (_, failure) => {
    const onEvent = vi.fn<OnEvent>();
    const { send, optOuts, counted, logs } = await startWebhook({ onEvent });
    optOuts.failure = failure;
    for (const event of [optOut(1), keyword('STOP')]) {
      const answer = await send(event);
      expect(answer.status).toBe(503);
      expect(JSON.parse(answer.text)).toMatchObject({ code: 'TEMPORAL_UNAVAILABLE' });
    }
    expect(onEvent).not.toHaveBeenCalled();
    expect(await counted({ verdict: 'unavailable' })).toBe(2);
    expect(logs()).toContain('opt-out event not stored; RBM will repeat it');
    for (const marked of [PHONE.slice(1), USER_TEXT]) expect(logs()).not.toContain(marked);
    optOuts.failure = undefined;
    for (const event of [optOut(1), keyword('STOP')]) expect((await send(event)).status).toBe(200);
    expect(optOuts.said).toHaveLength(2);
    expect(onEvent).toHaveBeenCalledTimes(2);
  });
});

describe('an opt-out that nobody can record is forwarded and counted', () => {
  test.each([
    ['without a number', unsubscribeEvent({ senderPhoneNumber: undefined })],
    ['with a number in another form', unsubscribeEvent({ senderPhoneNumber: '0151 23456789' })],
    ['without an agent', unsubscribeEvent({ agentId: undefined })],
    ['with the id of no agent', unsubscribeEvent({ agentId: 'a:b' })],
    ['with the id of another system', unsubscribeEvent({ agentId: 'acme@rbm.goog@rbm.goog' })],
    ['a keyword without a number', keyword('STOP', { senderPhoneNumber: null })],
  ])('%s', async (_, event) => {
    const onEvent = vi.fn<OnEvent>();
    const { send, optOuts, counted, logs } = await startWebhook({ onEvent });
    for (let time = 0; time < 3; time += 1) expect((await send(event)).status).toBe(200);
    expect(optOuts.calls).toBe(0);
    expect(await counted({ verdict: 'incomplete' })).toBe(3);
    expect(onEvent).toHaveBeenCalledTimes(1);
    expect(logs().match(/"level":40.*can not be recorded/g)).toHaveLength(1);
  });

  test('of an agent that is not allowed', async () => {
    const onEvent = vi.fn<OnEvent>();
    const rbm = { clientTokens: [CLIENT_TOKEN], agents: ['another'] };
    const { send, optOuts, counted } = await startWebhook({ onEvent, rbm });
    for (const event of [optOut(1), keyword('STOP')]) expect((await send(event)).status).toBe(200);
    expect(optOuts.calls).toBe(0);
    expect(await counted({ verdict: 'foreignAgent' })).toBe(2);
    expect(onEvent).toHaveBeenCalledTimes(2);
  });

  test('without optOuts: one warning, however many come', async () => {
    const onEvent = vi.fn<OnEvent>();
    const { send, counted, logs } = await startWebhook({ onEvent, optOuts: undefined });
    for (const event of [optOut(1), optIn(2), keyword('STOP')]) expect((await send(event)).status).toBe(200);
    expect(await counted({ verdict: 'notActedOn' })).toBe(3);
    expect(onEvent).toHaveBeenCalledTimes(3);
    expect(logs().match(/"level":40.*opt-outs are not acted on/g)).toHaveLength(1);
  });
});

describe('repetitions', () => {
  test('cost no call; the event and its keyword are two', async () => {
    const { send, optOuts, counted } = await startWebhook();
    for (let time = 0; time < 3; time += 1) {
      for (const event of [optOut(1), keyword('STOP')]) expect((await send(event)).status).toBe(200);
    }
    expect(optOuts.said.map(({ entry }) => entry.source)).toEqual(['rbm', 'keyword STOP']);
    expect(await counted({ verdict: 'repeated' })).toBe(4);
  });

  test('that come at the same time share one call, and its failure', async () => {
    const { send, optOuts, counted } = await startWebhook();
    for (const failure of [new TemporalUnavailableError('down'), undefined]) {
      optOuts.failure = failure;
      const release = optOuts.hold();
      const sent = [1, 2, 3].map(() => send(optOut(1)));
      await expect.poll(() => counted({ source: 'rbm' }, 'rcs_webhook_in_flight')).toBe(3);
      release();
      const status = failure === undefined ? 200 : 503;
      expect((await Promise.all(sent)).map((answer) => answer.status)).toEqual([status, status, status]);
    }
    expect(optOuts.calls).toBe(2);
    expect(await counted({ verdict: 'recorded' })).toBe(1);
  });

  test('neither hides the other, though both have the same ids', async () => {
    const { send, optOuts } = await startWebhook();
    for (const event of [optOut(1), optIn(1), optOut(1), optIn(1), optIn(1)]) await send(event);
    expect(saidIn(optOuts.said)).toEqual(['optOut', 'optIn', 'optOut', 'optIn']);
  });

  test('are not known without an id and a time: such an event may be a new one', async () => {
    const { send, optOuts } = await startWebhook();
    for (let time = 0; time < 2; time += 1) await send(unsubscribeEvent({ eventId: undefined }));
    expect(optOuts.said).toHaveLength(2);
  });

  test('another time, another number and another agent are something new', async () => {
    const { send, optOuts } = await startWebhook();
    await send(optOut(1));
    await send(optOut(1, { sendTime: at(2) }));
    await send(optOut(1, { senderPhoneNumber: OTHER_PHONE }));
    await send(optOut(1, { agentId: 'other-agent@rbm.goog' }));
    expect(optOuts.said.map(({ person: { agentId, recipient } }) => [agentId, recipient])).toEqual([
      [AGENT, PHONE],
      [AGENT, PHONE],
      [AGENT, OTHER_PHONE],
      ['other-agent', PHONE],
    ]);
  });

  test('of a forgotten event are recorded again', async () => {
    const { send, optOuts } = await startWebhook({ limits: { remembered: 1 } });
    for (const senderPhoneNumber of [PHONE, OTHER_PHONE, PHONE]) await send(optOut(1, { senderPhoneNumber }));
    expect(optOuts.said).toHaveLength(3);
  });
});

describe('many at one time', () => {
  test("one person's calls follow each other, and what came meanwhile is one call for the latest", async () => {
    const { send, optOuts, counted } = await startWebhook();
    const release = optOuts.hold();
    const inFlight = (count: number) =>
      expect.poll(() => counted({ source: 'rbm' }, 'rcs_webhook_in_flight')).toBe(count);
    const first = send(optOut(1));
    await inFlight(1);
    // The latest of them is neither the first nor the last to arrive.
    const others = [optIn(2), optOut(3), optIn(9), optOut(4), keyword('STOP')].map((event) => send(event));
    await inFlight(6);
    expect(optOuts.calls).toBe(1);
    release();
    for (const { status } of await Promise.all([first, ...others])) expect(status).toBe(200);
    expect(optOuts.said.map(({ said, entry }) => [said, entry.sendTime])).toEqual([
      ['optOut', at(1)],
      ['optIn', at(9)],
    ]);
  });

  test('of an opt-out and an opt-in at the same time, or in the future, the opt-out counts', async () => {
    const { send, optOuts, counted } = await startWebhook();
    const release = optOuts.hold();
    const inFlight = (count: number) =>
      expect.poll(() => counted({ source: 'rbm' }, 'rcs_webhook_in_flight')).toBe(count);
    const first = send(optIn(1));
    await inFlight(1);
    const future = [optOut(2, { sendTime: '2999-01-02T03:04:06Z' }), optIn(3, { sendTime: '2999-01-02T03:04:07Z' })];
    const others = future.map((event) => send(event));
    await inFlight(3);
    release();
    await Promise.all([first, ...others]);
    expect(saidIn(optOuts.said)).toEqual(['optIn', 'optOut']);
  });

  test('a call that fails does not take the next one with it', async () => {
    const { send, optOuts, counted } = await startWebhook();
    optOuts.failure = new TemporalUnavailableError('down');
    const release = optOuts.hold();
    const first = send(optOut(1));
    await expect.poll(() => optOuts.calls).toBe(1);
    const second = send(optIn(2));
    await expect.poll(() => counted({ source: 'rbm' }, 'rcs_webhook_in_flight')).toBe(2);
    release();
    expect((await first).status).toBe(503);
    optOuts.failure = undefined;
    await second;
    expect((await send(optIn(2))).status).toBe(200);
    expect(saidIn(optOuts.said)).toEqual(['optIn']);
  });

  test('a phone that floods keywords takes one place: others are not held up, and none is refused', async () => {
    const { send, optOuts, deliveries, counted } = await startWebhook({
      limits: { signalsInFlight: 2, signalsWaiting: 0 },
    });
    const release = optOuts.hold();
    const flood = Array.from({ length: 40 }, (_, n) => {
      const [text, second] = [n % 2 === 0 ? 'STOP' : 'START', String(10 + n)];
      return send(keyword(text, { messageId: `m-${second}`, sendTime: `2026-01-02T03:04:${second}Z` }));
    });
    await expect.poll(() => counted({ source: 'rbm' }, 'rcs_webhook_in_flight')).toBe(40);
    expect((await send(deliveredEvent())).status).toBe(200);
    expect(deliveries.signals).toHaveLength(1);
    release();
    for (const { status } of await Promise.all(flood)) expect(status).toBe(200);
    expect(optOuts.calls).toBeLessThanOrEqual(3);
    expect(optOuts.said.at(-1)).toMatchObject({ said: 'optIn', entry: { sendTime: '2026-01-02T03:04:49Z' } });
  });

  test('opt-outs and signals share the limit of calls to Temporal', async () => {
    const { send, optOuts, counted } = await startWebhook({ limits: { signalsInFlight: 1, signalsWaiting: 0 } });
    const release = optOuts.hold();
    const held = send(optOut(1));
    await expect.poll(() => optOuts.calls).toBe(1);
    expect((await send(deliveredEvent())).status).toBe(503);
    const refused = await send(optOut(1, { senderPhoneNumber: OTHER_PHONE }));
    expect(JSON.parse(refused.text)).toMatchObject({ code: 'OVERLOADED' });
    expect(await counted({ kind: 'unsubscribe', verdict: 'overloaded' })).toBe(1);
    release();
    expect((await held).status).toBe(200);
  });
});
