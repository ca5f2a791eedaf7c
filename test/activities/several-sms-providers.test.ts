import { inspect } from 'node:util';
import type { Info } from '@temporalio/activity';
import {
  ApplicationFailure,
  ApplicationFailureCategory,
  noopMetricMeter,
  type MetricMeter,
  type MetricTags,
} from '@temporalio/common';
import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger, type LogEntry } from '@temporalio/worker';
import { describe, expect, test } from 'vitest';
import { createActivities } from '../../src/activities/create-activities.js';
import type { ReconcileSmsInput, SendSmsInput } from '../../src/activities/message-activities.js';
import { createRbmClient } from '../../src/rbm/rbm-client.js';
import { createHttpSmsProvider } from '../../src/sms/http-provider.js';
import type { SmsProvider } from '../../src/sms/sms-provider.js';
import { createTwilioProvider } from '../../src/sms/twilio-provider.js';
import { deadUrl, html, json, rejection, reset, serve, silence, type Handler } from '../http/loopback.js';

const SID = `SM${'7'.repeat(32)}`;
const NOW = Date.parse('2026-01-02T03:04:05Z');
const RUN = 'f2a7c1d0-6c1b-4b8e-9a55-0d6a3e6b7c11';
const sms: SendSmsInput = {
  agentId: 'acme-agent',
  to: '+15550100001',
  from: '+15550109999',
  text: 'Your code is 482913',
  reference: 'message-delivery:acme-agent:0b2f6d0e-3c1f-4a57-9d8e-1f3f5a7b9c21',
  idempotencyKey: 'message-delivery:acme-agent:0b2f6d0e-3c1f-4a57-9d8e-1f3f5a7b9c21',
  validUntil: '2026-01-02T03:14:05Z',
  timeoutMs: 1_000,
};
const asked: ReconcileSmsInput = {
  to: sms.to,
  text: sms.text,
  reference: sms.reference,
  sentAfter: '2026-01-02T03:04:05Z',
  timeoutMs: 5_000,
};

const twilioAt = (apiUrl: string): Promise<SmsProvider> =>
  createTwilioProvider({ accountSid: `AC${'1'.repeat(32)}`, authToken: 'auth-token', apiUrl });
const keepsNoList = (name: string): SmsProvider => ({ ...httpAt('http://127.0.0.1:1'), name });
const httpAt = (url: string): SmsProvider => createHttpSmsProvider({ url, token: 'gateway-token' });

function over(providers: SmsProvider | readonly SmsProvider[], info: Partial<Info> = {}) {
  const warnings: LogEntry[] = [];
  const counted: unknown[] = [];
  const createCounter = (name: string) => ({
    ...noopMetricMeter.createCounter(name),
    add: (by: number, tags?: MetricTags) => counted.push([name, by, tags]),
  });
  const metricMeter = Object.assign(Object.create(noopMetricMeter) as MetricMeter, { createCounter });
  const auth = { accessToken: () => Promise.resolve('token'), invalidate: () => undefined };
  const rbm = createRbmClient({ endpoint: 'http://127.0.0.1:1', auth });
  const activities = createActivities({ rbm, sms: providers, now: () => NOW });
  const run = <Output>(activity: () => Promise<Output>): Promise<Output> => {
    const logger = new DefaultLogger('WARN', (entry) => warnings.push(entry));
    const environment = new MockActivityEnvironment(info, { logger, metricMeter });
    environment.on('heartbeat', (details) => heartbeats.push(details));
    return environment.run(activity);
  };
  const heartbeats: unknown[] = [];
  return {
    heartbeats,
    warnings,
    counted,
    sendSms: (more: Partial<SendSmsInput> = {}) => run(() => activities.sendSms({ ...sms, ...more })),
    reconcileSms: (more: Partial<ReconcileSmsInput> = {}) => run(() => activities.reconcileSms({ ...asked, ...more })),
  };
}

/** Twilio first, then a gateway, each on a server of its own. */
async function both(twilio: Handler, gateway: Handler = json(200, { id: 'sms-1' })) {
  const [first, second] = [await serve(twilio), await serve(gateway)];
  const activities = over([await twilioAt(first.url), httpAt(second.url)]);
  return { ...activities, requests: () => [first.received.length, second.received.length] };
}

async function failure(promise: Promise<unknown>) {
  const error = await rejection(promise);
  expect(error).toBeInstanceOf(ApplicationFailure);
  const { message, type, nonRetryable, details, category } = error as ApplicationFailure;
  expect(JSON.stringify({ message, details })).not.toMatch(/5550100001|5550109999|482913|token"|127\.0\.0\.1/);
  return { message, type, nonRetryable, details: (details?.[0] ?? {}) as Record<string, unknown>, category };
}

const created = json(201, { sid: SID });

describe('which provider is asked', () => {
  test.each<[string, Partial<SendSmsInput>, string]>([
    ['the first one', {}, 'twilio'],
    ['not one that surely sent nothing', { notBy: ['twilio'] }, 'http'],
    ['the first one again, when none has sent it', { notBy: ['twilio', 'http'] }, 'twilio'],
    ['the first one, whoever else was asked', { notBy: ['pigeon'] }, 'twilio'],
    ['the one that did not answer', { unansweredBy: 'http' }, 'http'],
    ['the one that did not answer, whatever it said since', { unansweredBy: 'twilio', notBy: ['twilio'] }, 'twilio'],
  ])('%s', async (_, input, provider) => {
    const { sendSms, requests, heartbeats } = await both(created);
    expect(await sendSms(input)).toMatchObject({ provider });
    expect(requests()).toEqual(provider === 'twilio' ? [1, 0] : [0, 1]);
    // More than one if the request took long.
    expect(heartbeats[0]).toEqual({ provider, repeatable: provider === 'http' });
  });

  test('none, when the one that did not answer is no longer configured', async () => {
    const { sendSms, reconcileSms, requests } = await both(created);
    for (const refused of [sendSms({ unansweredBy: 'pigeon' }), reconcileSms({ unansweredBy: 'pigeon' })]) {
      const { type, nonRetryable, details, message } = await failure(refused);
      expect({ type, nonRetryable, details }).toEqual({
        type: 'SmsUnanswered',
        nonRetryable: true,
        details: { repeatable: false, provider: 'pigeon' },
      });
      expect(message).toContain('SMS_PROVIDER is twilio,http now: name pigeon there');
    }
    expect(requests()).toEqual([0, 0]);
  });

  test('two providers of one name are refused, since nobody could tell which one was asked', () => {
    const gateway = httpAt('http://127.0.0.1:1');
    expect(() => over([gateway, gateway])).toThrow(/two SMS providers are named http/);
  });
});

describe('the first provider fails, and no second one is asked in the same activity', () => {
  test.each<[string, Handler, { type: string; smsReason?: string; otherProvider?: boolean }]>([
    ['an invalid number', json(400, { code: 21211 }), { type: 'SmsRefused', smsReason: 'recipient' }],
    ['a person who said STOP', json(400, { code: 21610 }), { type: 'SmsRefused', smsReason: 'optedOut' }],
    ['a text that is too long', json(400, { code: 21617 }), { type: 'SmsRefused', smsReason: 'content' }],
    ['a wrong sender', json(400, { code: 21606 }), { type: 'SmsNotSent', smsReason: 'sender', otherProvider: true }],
    ['no callback', json(400, { code: 21609 }), { type: 'SmsNotSent', smsReason: 'account', otherProvider: true }],
    ['credentials', json(401, { code: 20003 }), { type: 'SmsNotSent', smsReason: 'account', otherProvider: true }],
    ['429', json(429, { code: 20429 }), { type: 'SmsNotSent', smsReason: 'throttled', otherProvider: true }],
    ['503', html(503), { type: 'SmsUnanswered' }],
    ['a reset', reset, { type: 'SmsUnanswered' }],
    ['silence', silence, { type: 'SmsUnanswered' }],
  ])('Twilio: %s', async (_, handler, expected) => {
    const { sendSms, requests } = await both(handler);
    const { type, details } = await failure(sendSms());
    const { provider, repeatable, smsReason, otherProvider } = details;
    expect({ type, smsReason, otherProvider }).toEqual({ smsReason: undefined, otherProvider: undefined, ...expected });
    expect({ provider, repeatable }).toEqual({ provider: 'twilio', repeatable: false });
    expect(requests()).toEqual([1, 0]);
  });

  test('Twilio: nobody listens', async () => {
    const gateway = await serve(json(200, { id: 'sms-1' }));
    const { type, details } = await failure(over([await twilioAt(await deadUrl()), httpAt(gateway.url)]).sendSms());
    expect(type).toBe('SmsNotSent');
    expect(details).toEqual({
      provider: 'twilio',
      repeatable: false,
      smsReason: 'unreachable',
      otherProvider: true,
    });
    expect(gateway.received).toHaveLength(0);
  });

  test.each<[string, Handler, { type: string; smsReason?: string; otherProvider?: boolean }]>([
    ['422', html(422), { type: 'SmsRefused', smsReason: 'recipient' }],
    ['a stated opt-out', json(403, { reason: 'optedOut' }), { type: 'SmsRefused', smsReason: 'optedOut' }],
    ['401', html(401), { type: 'SmsNotSent', smsReason: 'account', otherProvider: true }],
    [
      'a stated sender',
      json(400, { reason: 'sender' }),
      { type: 'SmsNotSent', smsReason: 'sender', otherProvider: true },
    ],
    ['429', html(429), { type: 'SmsNotSent', smsReason: 'throttled', otherProvider: true }],
    ['503', html(503), { type: 'SmsUnanswered' }],
    ['silence', silence, { type: 'SmsUnanswered' }],
  ])('http: %s', async (_, handler, expected) => {
    const [gateway, twilio] = [await serve(handler), await serve(created)];
    const { type, nonRetryable, details } = await failure(
      over([httpAt(gateway.url), await twilioAt(twilio.url)]).sendSms(),
    );
    const { provider, smsReason, otherProvider } = details;
    expect({ type, smsReason, otherProvider }).toEqual({ smsReason: undefined, otherProvider: undefined, ...expected });
    expect(provider).toBe('http');
    expect(nonRetryable).toBe(type === 'SmsRefused');
    expect([gateway.received.length, twilio.received.length]).toEqual([1, 0]);
  });
});

describe('another provider is left', () => {
  test.each<[string, Partial<SendSmsInput>, boolean]>([
    ['the second one', {}, true],
    ['none: each has sent nothing', { notBy: ['twilio', 'http'] }, false],
    ['none: the second one has sent nothing', { notBy: ['http'] }, false],
    ['none: the first one has sent nothing', { notBy: ['twilio'] }, false],
    ['none after an unanswered request (G2)', { unansweredBy: 'twilio' }, false],
  ])('%s', async (_, input, otherProvider) => {
    const { sendSms } = await both(html(429), html(429));
    const { type, details } = await failure(sendSms(input));
    expect(type).toBe('SmsNotSent');
    expect(details['otherProvider'] === true).toBe(otherProvider);
  });

  test('no, with one provider, which may be given as it is', async () => {
    const { url } = await serve(html(429));
    expect((await failure(over(httpAt(url)).sendSms())).details).not.toHaveProperty('otherProvider');
  });
});

describe('how long the SMS is of use', () => {
  test.each([
    ['2026-01-02T03:14:05Z', 600],
    ['2026-01-02T03:04:07.999Z', 2],
    ['2026-01-02T03:04:06Z', 1],
    ['2026-01-02T03:04:05.001Z', 1],
    ['2026-01-09T03:04:05Z', 604_800],
  ])('until %s: the provider gets %i s', async (validUntil, seconds) => {
    const [twilio, gateway] = [await serve(created), await serve(json(200, { id: 'sms-1' }))];
    await over(await twilioAt(twilio.url)).sendSms({ validUntil });
    await over(httpAt(gateway.url)).sendSms({ validUntil });
    const form = new URLSearchParams(twilio.received[0]?.body);
    expect(form.get('ValidityPeriod')).toBe(String(Math.min(seconds, 36_000)));
    expect(JSON.parse(gateway.received[0]?.body ?? '')).toMatchObject({ validitySeconds: seconds });
  });

  test.each(['2026-01-02T03:04:05Z', '2026-01-02T03:00:00Z', 'never'])(
    'until %s: nothing is sent',
    async (validUntil) => {
      const { sendSms, requests, heartbeats } = await both(created);
      const { type, nonRetryable, category } = await failure(sendSms({ validUntil }));
      expect({ type, nonRetryable, category }).toEqual({
        type: 'SmsExpired',
        nonRetryable: true,
        category: ApplicationFailureCategory.BENIGN,
      });
      expect(requests()).toEqual([0, 0]);
      expect(heartbeats).toEqual([]);
    },
  );
});

describe('a request that Temporal handed over to another run, after a reset', () => {
  const info = { workflowExecution: { workflowId: sms.reference, runId: RUN } } as Partial<Info>;

  test('is made by the run that asked for it', async () => {
    const { url } = await serve(json(200, { id: 'sms-1' }));
    expect(await over(httpAt(url), info).sendSms({ runId: RUN })).toMatchObject({ provider: 'http' });
  });

  test.each<[string, string[], Partial<SendSmsInput>, string | undefined]>([
    ['the only provider may have been asked', ['http'], {}, 'http'],
    ['which one may have been asked is not known', ['twilio', 'http'], {}, undefined],
    ['the one that had not answered before', ['twilio', 'http'], { unansweredBy: 'http' }, 'http'],
  ])('is not made: %s', async (_, names, more, provider) => {
    const [twilio, gateway] = [await serve(created), await serve(json(200, { id: 'sms-1' }))];
    const providers = [await twilioAt(twilio.url), httpAt(gateway.url)].filter(({ name }) => names.includes(name));
    const { sendSms, heartbeats } = over(providers, info);
    const { type, nonRetryable, details } = await failure(sendSms({ runId: 'the run before', ...more }));
    expect({ type, nonRetryable, details }).toEqual({
      type: 'SmsUnanswered',
      nonRetryable: true,
      details: { repeatable: false, ...(provider !== undefined && { provider }) },
    });
    expect([twilio.received.length, gateway.received.length, heartbeats.length]).toEqual([0, 0, 0]);
  });
});

describe('reconcileSms', () => {
  const message = { sid: SID, to: sms.to, body: sms.text, date_created: 'Fri, 02 Jan 2026 03:04:06 +0000' };
  const found = json(200, { messages: [message] });
  const nothing = json(200, { messages: [] });

  test('asks the provider that did not answer, and no other one', async () => {
    const { reconcileSms, requests } = await both(found);
    expect(await reconcileSms({ unansweredBy: 'http' })).toEqual({ found: 'repeatable', repeatableBy: 'http' });
    expect(requests()).toEqual([0, 0]);
    expect(await reconcileSms({ unansweredBy: 'twilio' })).toMatchObject({ found: 'yes', provider: 'twilio' });
  });

  test('finds the SMS, though it is not known who was asked', async () => {
    const { reconcileSms } = await both(found);
    expect(await reconcileSms()).toEqual({ found: 'yes', provider: 'twilio', providerMessageId: SID });
  });

  test('lets the one provider repeat it that keeps no list, while the other one has nothing', async () => {
    const { reconcileSms } = await both(nothing);
    expect(await reconcileSms()).toEqual({ found: 'no', repeatableBy: 'http' });
  });

  test('asks no provider that surely sent nothing', async () => {
    const { reconcileSms, requests } = await both(nothing);
    expect(await reconcileSms({ notBy: ['twilio'] })).toEqual({ found: 'repeatable', repeatableBy: 'http' });
    expect(requests()).toEqual([0, 0]);
  });

  test.each<[string, () => Promise<SmsProvider[]>]>([
    ['one does not answer', async () => [await twilioAt((await serve(html(503))).url), keepsNoList('second')]],
    ['two keep no list', () => Promise.resolve([keepsNoList('first'), keepsNoList('second')])],
  ])('can not tell: %s', async (_, providers) => {
    const { type, nonRetryable } = await failure(over(await providers()).reconcileSms());
    expect({ type, nonRetryable }).toEqual({ type: 'SmsUnanswered', nonRetryable: false });
  });

  test('proves that nothing was sent when every provider says so', async () => {
    const { url } = await serve(nothing);
    const second: SmsProvider = { ...(await twilioAt(url)), name: 'second' };
    expect(await over([await twilioAt(url), second]).reconcileSms()).toEqual({ found: 'no' });
  });

  test('says yes when one has it, whatever the others say', async () => {
    const [hasIt, fails] = [await serve(found), await serve(html(503))];
    const second: SmsProvider = { ...(await twilioAt(hasIt.url)), name: 'second' };
    const providers = [await twilioAt(fails.url), second];
    expect(await over(providers).reconcileSms()).toMatchObject({ found: 'yes', provider: 'second' });
  });
});

describe('an unknown reason of a refusal', () => {
  /** Without Temporal's own line about a failed activity. */
  const ours = (warnings: readonly LogEntry[]) => warnings.filter(({ message }) => message.startsWith('the SMS'));

  test.each<[string, string | undefined]>([
    ['blocked_by_carrier', 'blocked_by_carrier'],
    ['no credit for +15550100001', undefined],
  ])('is warned of once a minute: %s', async (reason, logged) => {
    const { url } = await serve(json(422, { reason }));
    const { sendSms, warnings } = over(httpAt(url));
    for (let time = 0; time < 3; time += 1)
      expect(await failure(sendSms())).toMatchObject({ type: 'SmsRefused', details: { smsReason: 'recipient' } });
    expect(ours(warnings)).toMatchObject([{ meta: { provider: 'http', leftOut: 0 } }]);
    expect(ours(warnings)[0]?.meta?.['reason']).toBe(logged);
    expect(inspect(warnings, { depth: 9 })).not.toContain(sms.to.slice(1));
  });

  test('hides no warning of an id, and none of another provider', async () => {
    const [first, second] = [await serve(json(404, { reason: 'moonlight' })), await serve(json(200, {}))];
    const { sendSms, warnings } = over([httpAt(first.url), { ...httpAt(second.url), name: 'second' }]);
    await failure(sendSms());
    await sendSms({ notBy: ['http'] });
    expect(ours(warnings)).toMatchObject([{ meta: { provider: 'http' } }, { meta: { provider: 'second' } }]);
  });
});

describe('a 2xx without a usable id', () => {
  test.each<[string, Handler]>([
    ['another gateway’s refusal', json(200, { messages: [{ status: '29' }] })],
    ['an error', json(200, { error: 'no credit' })],
    ['HTML', html(200)],
    ['nothing', html(204)],
    ['the phone number', json(200, { id: sms.to })],
    ['the phone number in an id', json(200, { id: `to:${sms.to.slice(1)}` })],
  ])('is accepted, counted, and warned of: %s', async (_, handler) => {
    const { url } = await serve(handler);
    const { sendSms, counted, warnings } = over(httpAt(url));
    for (let time = 0; time < 3; time += 1)
      expect(await sendSms()).toEqual({ provider: 'http', providerMessageId: '' });
    const withoutId = ['rcs_delivery_sms_without_id', 1, { provider: 'http' }];
    expect(counted).toMatchObject([withoutId, withoutId, withoutId]);
    // One line a minute.
    expect(warnings.map(({ meta }) => meta)).toMatchObject([{ provider: 'http' }]);
    expect(inspect(warnings, { depth: 9 })).not.toContain(sms.to.slice(1));
  });

  test('also of a provider that checks nothing itself', async () => {
    const careless: SmsProvider = {
      ...keepsNoList('careless'),
      send: ({ to }) => Promise.resolve({ providerMessageId: to }),
      reconcile: ({ to }) => Promise.resolve({ found: 'yes', providerMessageId: `${to}-1` }),
    };
    const { sendSms, reconcileSms, counted } = over(careless);
    expect(await sendSms()).toEqual({ provider: 'careless', providerMessageId: '' });
    expect(counted).toHaveLength(1);
    expect(await reconcileSms()).toEqual({ found: 'yes', provider: 'careless', providerMessageId: '' });
  });

  test('a usable id is none of that', async () => {
    const { url } = await serve(json(200, { id: 'sms-1' }));
    const { sendSms, counted, warnings } = over(httpAt(url));
    expect(await sendSms()).toEqual({ provider: 'http', providerMessageId: 'sms-1' });
    expect([counted, warnings]).toEqual([[], []]);
  });
});
