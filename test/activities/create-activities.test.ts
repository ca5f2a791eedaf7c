import type { Info } from '@temporalio/activity';
import { ActivityCancellationDetails, ApplicationFailure, ApplicationFailureCategory } from '@temporalio/common';
import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import { describe, expect, test } from 'vitest';
import { createActivities } from '../../src/activities/create-activities.js';
import type { ReconcileSmsInput, SendRcsInput, SendSmsInput } from '../../src/activities/message-activities.js';
import type { RbmAuth } from '../../src/rbm/rbm-auth.js';
import { createRbmClient } from '../../src/rbm/rbm-client.js';
import { RbmError } from '../../src/rbm/rbm-error.js';
import { createHttpSmsProvider } from '../../src/sms/http-provider.js';
import type { SmsProvider } from '../../src/sms/sms-provider.js';
import { createTwilioProvider } from '../../src/sms/twilio-provider.js';
import { deadUrl, html, json, rejection, reset, serve, silence, type Handler } from '../http/loopback.js';

const NOW = Date.parse('2026-01-02T03:04:05Z');
const answeredTime = new Date(NOW).toISOString();
const auth: RbmAuth = { accessToken: () => Promise.resolve('token'), invalidate: () => undefined };
const send: SendRcsInput = {
  agentId: 'acme-agent',
  messageId: '0b2f6d0e-3c1f-4a57-9d8e-1f3f5a7b9c21',
  recipient: '+15550100001',
  contentMessage: { text: 'Your code is 482913' },
  messageTrafficType: 'AUTHENTICATION',
  expireTime: '2026-01-02T03:15:05Z',
  revokeTime: '2026-01-02T03:14:05Z',
  timeoutMs: 5_000,
  mayBeQueued: false,
};
const sms: SendSmsInput = {
  agentId: 'acme-agent',
  validUntil: '2126-01-02T03:14:05Z',
  to: '+15550100001',
  text: 'Your code is 482913',
  reference: 'message-delivery:acme-agent:0b2f6d0e-3c1f-4a57-9d8e-1f3f5a7b9c21',
  idempotencyKey: '0b2f6d0e-3c1f-4a57-9d8e-1f3f5a7b9c21',
  timeoutMs: 5_000,
};
const asked: ReconcileSmsInput = {
  to: sms.to,
  text: sms.text,
  reference: sms.reference,
  sentAfter: '2026-01-02T03:04:05Z',
  timeoutMs: 5_000,
};

const overRbm = (endpoint: string, now = NOW) =>
  createActivities({ rbm: createRbmClient({ endpoint, auth }), now: () => now });
const overGateway = (url: string) =>
  createActivities({
    rbm: createRbmClient({ endpoint: 'http://127.0.0.1:1', auth }),
    sms: createHttpSmsProvider({ url, token: 'gateway-token' }),
  });
const overTwilio = async (apiUrl: string) =>
  createActivities({
    rbm: createRbmClient({ endpoint: 'http://127.0.0.1:1', auth }),
    sms: await createTwilioProvider({
      accountSid: `AC${'1'.repeat(32)}`,
      authToken: 'auth-token',
      messagingServiceSid: 'MG1',
      apiUrl,
    }),
  });
const withoutSms = () => createActivities({ rbm: createRbmClient({ endpoint: 'http://127.0.0.1:1', auth }) });

const environmentOf = (info: Partial<Info> = {}) =>
  new MockActivityEnvironment(info, { logger: new DefaultLogger('ERROR') });
const run = <Output>(activity: () => Promise<Output>): Promise<Output> => environmentOf().run(activity);

async function failure(promise: Promise<unknown>): Promise<ApplicationFailure> {
  const error = await rejection(promise);
  expect(error).toBeInstanceOf(ApplicationFailure);
  const { message, details, cause } = error as ApplicationFailure;
  expect(cause).toBeUndefined();
  expect(JSON.stringify({ message, details })).not.toMatch(/5550100001|482913|token"|127\.0\.0\.1|secret/);
  return error as ApplicationFailure;
}
const isBenign = ({ category }: ApplicationFailure) => category === ApplicationFailureCategory.BENIGN;

describe('sendRcs', () => {
  test('returns the answer of RBM, and sends it no fields of this project', async () => {
    const { url, received } = await serve(json(200, { expireTime: '2026-01-02T03:15:05Z' }), json(409, {}));
    const activities = overRbm(url);
    await expect(run(() => activities.sendRcs(send))).resolves.toEqual({
      acceptedEarlier: false,
      answeredTime,
      expireTime: '2026-01-02T03:15:05Z',
    });
    await expect(run(() => activities.sendRcs(send))).resolves.toMatchObject({ acceptedEarlier: true, answeredTime });
    expect(JSON.parse(received[0]?.body ?? '')).toEqual({
      contentMessage: { text: 'Your code is 482913' },
      messageTrafficType: 'AUTHENTICATION',
      expireTime: '2026-01-02T03:15:05Z',
    });
  });

  test.each<[number, string, { type: string; final: boolean; benign: boolean; mayBeQueued: boolean }]>([
    [400, 'INVALID_ARGUMENT', { type: 'RbmInvalidArgument', final: true, benign: false, mayBeQueued: false }],
    [401, 'UNAUTHENTICATED', { type: 'RbmUnauthenticated', final: false, benign: false, mayBeQueued: false }],
    [403, 'PERMISSION_DENIED', { type: 'RbmPermissionDenied', final: true, benign: false, mayBeQueued: false }],
    [404, 'NOT_FOUND', { type: 'RbmNotFound', final: true, benign: true, mayBeQueued: false }],
    [429, 'RESOURCE_EXHAUSTED', { type: 'RbmResourceExhausted', final: false, benign: true, mayBeQueued: false }],
    [503, 'UNAVAILABLE', { type: 'RbmUnavailable', final: false, benign: true, mayBeQueued: true }],
    [418, 'TEAPOT', { type: 'RbmUnexpected', final: false, benign: false, mayBeQueued: true }],
  ])('%i %s', async (httpStatus, code, { type, final, benign, mayBeQueued }) => {
    const { url } = await serve(json(httpStatus, { error: { code: httpStatus, message: 'secret', status: code } }));
    const failed = await failure(run(() => overRbm(url).sendRcs(send)));
    expect(failed).toMatchObject({ type, nonRetryable: final, nextRetryDelay: undefined });
    expect(failed.details).toEqual([{ httpStatus, code, mayBeQueued, answeredTime }]);
    expect(isBenign(failed)).toBe(benign);
  });

  test.each<[string, Handler, string, boolean]>([
    ['a reset', reset, 'RbmUnanswered', true],
    ['silence', silence, 'RbmUnanswered', true],
    ['HTML', html(502), 'RbmUnavailable', true],
  ])('%s', async (_, handler, type, mayBeQueued) => {
    const { url } = await serve(handler);
    const failed = await failure(run(() => overRbm(url).sendRcs({ ...send, timeoutMs: 600 })));
    expect(failed).toMatchObject({ type, nonRetryable: false });
    expect(failed.details?.[0]).toMatchObject({ mayBeQueued });
  });

  test('nobody listens', async () => {
    const failed = await failure(run(async () => overRbm(await deadUrl()).sendRcs(send)));
    expect(failed).toMatchObject({ type: 'RbmNotSent', nonRetryable: false });
    expect(failed.details).toEqual([{ code: 'ECONNREFUSED', mayBeQueued: false, answeredTime }]);
    expect(isBenign(failed)).toBe(false);
  });

  test('Retry-After decides when Temporal repeats it', async () => {
    const { url } = await serve(json(429, {}, { 'retry-after': '7' }));
    const failed = await failure(run(() => overRbm(url).sendRcs(send)));
    expect(failed.nextRetryDelay).toBe(7_000);
    expect(failed.details).toEqual([{ httpStatus: 429, retryAfterMs: 7_000, mayBeQueued: false, answeredTime }]);
  });

  test('Retry-After of 0 leaves it to the retry policy', async () => {
    const { url } = await serve(json(503, {}, { 'retry-after': '0' }));
    expect((await failure(run(() => overRbm(url).sendRcs(send)))).nextRetryDelay).toBeUndefined();
  });

  test('no request is left open past the revoke time, but each has half a second', async () => {
    const { url } = await serve(silence);
    const revoke = Date.parse(send.revokeTime);
    for (const now of [revoke - 800, revoke - 100]) {
      const begin = performance.now();
      const sent = run(() => overRbm(url, now).sendRcs({ ...send, timeoutMs: 90_000 }));
      expect(await failure(sent)).toMatchObject({ type: 'RbmUnanswered' });
      const took = performance.now() - begin;
      expect(took).toBeGreaterThan(450);
      expect(took).toBeLessThan(60_000);
    }
  });

  test('nothing is sent once the message should have been revoked', async () => {
    const { url } = await serve(silence);
    const late = Date.parse(send.revokeTime) + 1;
    const refused = await failure(run(() => overRbm(url, late).sendRcs(send)));
    expect(refused).toMatchObject({ type: 'RbmNotSent', nonRetryable: false });
    expect(refused.details).toEqual([{ mayBeQueued: false, answeredTime: new Date(late).toISOString() }]);
  });

  test("the caller's own time limit holds when it is shorter", async () => {
    const { url } = await serve(silence);
    const begin = performance.now();
    await failure(run(() => overRbm(url).sendRcs({ ...send, timeoutMs: 700 })));
    expect(performance.now() - begin).toBeLessThan(60_000);
  });

  test('an internal error stays what it is, and may have queued the message', async () => {
    const heartbeats: unknown[] = [];
    const environment = environmentOf();
    environment.on('heartbeat', (details) => heartbeats.push(details));
    const bug = new TypeError('bug');
    const rbm = { createAgentMessage: () => Promise.reject(bug), deleteAgentMessage: () => Promise.reject(bug) };
    expect(
      await rejection(
        environment.run(() => createActivities({ rbm, now: () => Date.parse(send.revokeTime) - 60_000 }).sendRcs(send)),
      ),
    ).toBe(bug);
    expect(heartbeats).toEqual([{ attempt: 1, mayBeQueued: true }]);
  });

  test('cancellation reaches the request', async () => {
    const environment = environmentOf();
    const { url } = await serve(() => {
      environment.cancel();
    });
    const failed = await failure(environment.run(() => overRbm(url).sendRcs(send)));
    expect(failed).toMatchObject({ type: 'RbmUnanswered' });
    expect(failed.details).toEqual([{ mayBeQueued: true, answeredTime }]);
  });
});

describe('sendRcs: what earlier attempts may have left in the queue', () => {
  async function mayBeQueued(info: { attempt: number; heartbeatDetails?: unknown }, input = send): Promise<boolean> {
    const { url } = await serve(json(404, {}));
    const failed = await failure(environmentOf(info).run(() => overRbm(url).sendRcs(input)));
    const [details] = failed.details ?? [];
    return (details as { mayBeQueued: boolean }).mayBeQueued;
  }

  test.each([
    ['the first attempt', { attempt: 1 }, false],
    ['the one before said no', { attempt: 2, heartbeatDetails: { attempt: 1, mayBeQueued: false } }, false],
    ['the one before said yes', { attempt: 2, heartbeatDetails: { attempt: 1, mayBeQueued: true } }, true],
    ['the one before left no word: it crashed', { attempt: 2 }, true],
    [
      'the one before crashed after another',
      { attempt: 3, heartbeatDetails: { attempt: 1, mayBeQueued: false } },
      true,
    ],
    ['an operator reset the activity', { attempt: 1, heartbeatDetails: { attempt: 4, mayBeQueued: false } }, true],
  ])('%s', async (_, info, expected) => {
    expect(await mayBeQueued(info)).toBe(expected);
  });

  test('an earlier activity, by the input', async () => {
    expect(await mayBeQueued({ attempt: 1 }, { ...send, mayBeQueued: true })).toBe(true);
  });

  test.each<[string, Handler, { isLocal: boolean }, unknown[]]>([
    ['after 503 the next attempt knows', html(503), { isLocal: false }, [{ attempt: 1, mayBeQueued: true }]],
    ['after 429 as well', html(429), { isLocal: false }, [{ attempt: 1, mayBeQueued: false }]],
    ['after 404 there is no next one', html(404), { isLocal: false }, []],
    ['a local activity has no heartbeats', html(503), { isLocal: true }, []],
  ])('%s', async (_, handler, info, expected) => {
    const heartbeats: unknown[] = [];
    const environment = environmentOf(info);
    environment.on('heartbeat', (details) => heartbeats.push(details));
    const { url } = await serve(handler);
    await failure(environment.run(() => overRbm(url).sendRcs(send)));
    expect(heartbeats).toEqual(expected);
  });
});

describe('revokeRcs', () => {
  const { agentId, messageId, recipient, timeoutMs } = send;
  const revoke = { agentId, messageId, recipient, timeoutMs };

  test('returns on 2xx', async () => {
    const { url, received } = await serve(json(200, {}));
    await expect(run(() => overRbm(url).revokeRcs(revoke))).resolves.toBeUndefined();
    expect(received.map(({ method }) => method)).toEqual(['DELETE']);
  });

  test.each<[number, string, boolean]>([
    [400, 'RbmInvalidArgument', true],
    [403, 'RbmPermissionDenied', true],
    [404, 'RbmNotFound', true],
    [429, 'RbmResourceExhausted', false],
    [500, 'RbmUnavailable', false],
  ])('%i', async (httpStatus, type, final) => {
    const { url, received } = await serve(html(httpStatus));
    const failed = await failure(run(() => overRbm(url).revokeRcs(revoke)));
    expect(failed).toMatchObject({ type, nonRetryable: final, details: [{ httpStatus }] });
    expect(received).toHaveLength(1);
  });

  test('a token that was refused', async () => {
    const refused = new RbmError({ kind: 'unauthenticated', message: 'refused', status: 'invalid_grant' });
    const noAuth: RbmAuth = { accessToken: () => Promise.reject(refused), invalidate: () => undefined };
    const activities = createActivities({ rbm: createRbmClient({ endpoint: 'http://127.0.0.1:1', auth: noAuth }) });
    const failed = await failure(run(() => activities.revokeRcs(revoke)));
    expect(failed).toMatchObject({ type: 'RbmUnauthenticated', details: [{ code: 'invalid_grant' }] });
  });
});

describe('sendSms', () => {
  test('returns the provider and its id', async () => {
    const { url } = await serve(json(200, { id: 'sms-1' }));
    await expect(run(() => overGateway(url).sendSms(sms))).resolves.toEqual({
      provider: 'http',
      providerMessageId: 'sms-1',
    });
  });

  test.each<[number, { type: string; reason?: string; final: boolean; benign: boolean }]>([
    [422, { type: 'SmsRefused', reason: 'recipient', final: true, benign: true }],
    [429, { type: 'SmsNotSent', reason: 'throttled', final: false, benign: false }],
    [503, { type: 'SmsUnanswered', final: false, benign: true }],
  ])('http: %i', async (httpStatus, { type, reason, final, benign }) => {
    const { url } = await serve(json(httpStatus, {}, { 'retry-after': '2' }));
    const failed = await failure(run(() => overGateway(url).sendSms(sms)));
    expect(failed).toMatchObject({ type, nonRetryable: final, nextRetryDelay: final ? undefined : 2_000 });
    expect(failed.details).toEqual([
      { httpStatus, retryAfterMs: 2_000, repeatable: true, provider: 'http', ...(reason && { smsReason: reason }) },
    ]);
    expect(isBenign(failed)).toBe(benign);
  });

  test('Twilio: an unanswered SMS is not repeated by Temporal', async () => {
    const { url } = await serve(html(503));
    const failed = await failure(run(async () => (await overTwilio(url)).sendSms(sms)));
    expect(failed).toMatchObject({ type: 'SmsUnanswered', nonRetryable: true });
    expect(failed.details).toEqual([{ httpStatus: 503, repeatable: false, provider: 'twilio' }]);
  });

  test('Twilio: its code comes along', async () => {
    const { url } = await serve(json(400, { code: 21610, message: 'secret' }));
    const failed = await failure(run(async () => (await overTwilio(url)).sendSms(sms)));
    expect(failed).toMatchObject({ type: 'SmsRefused', nonRetryable: true });
    expect(failed.details).toEqual([
      { httpStatus: 400, code: '21610', repeatable: false, provider: 'twilio', smsReason: 'optedOut' },
    ]);
  });

  test('without a provider it fails for good and names the variable', async () => {
    const failed = await failure(run(() => withoutSms().sendSms(sms)));
    expect(failed).toMatchObject({ type: 'SmsRefused', nonRetryable: true });
    expect(failed.message).toContain('SMS_PROVIDER');
  });

  test('cancellation reaches the request', async () => {
    const environment = environmentOf();
    const { url } = await serve(() => {
      environment.cancel();
    });
    const failed = await failure(environment.run(() => overGateway(url).sendSms(sms)));
    expect(failed).toMatchObject({ type: 'SmsUnanswered' });
  });

  test('a provider that only says that it was aborted may have sent it', async () => {
    const environment = environmentOf();
    const provider: SmsProvider = {
      ...createHttpSmsProvider({ url: 'http://127.0.0.1:1', token: 'x' }),
      send(_request, signal) {
        environment.cancel('WORKER_SHUTDOWN', new ActivityCancellationDetails({ workerShutdown: true }));
        return Promise.reject(signal?.reason as Error);
      },
    };
    const rbm = createRbmClient({ endpoint: 'http://127.0.0.1:1', auth });
    const failed = await failure(environment.run(() => createActivities({ rbm, sms: provider }).sendSms(sms)));
    expect(failed).toMatchObject({ type: 'SmsUnanswered' });
  });
});

describe('reconcileSms', () => {
  test('http: repeatable', async () => {
    await expect(run(() => overGateway('http://127.0.0.1:1').reconcileSms(asked))).resolves.toEqual({
      found: 'repeatable',
      repeatableBy: 'http',
    });
  });

  test('Twilio: yes and no', async () => {
    const message = {
      sid: `SM${'7'.repeat(32)}`,
      to: sms.to,
      body: sms.text,
      date_created: 'Fri, 02 Jan 2026 03:04:06 +0000',
    };
    const { url } = await serve(json(200, { messages: [message] }), json(200, { messages: [] }));
    const twilio = await overTwilio(url);
    const yes = { found: 'yes', provider: 'twilio', providerMessageId: `SM${'7'.repeat(32)}` };
    await expect(run(() => twilio.reconcileSms(asked))).resolves.toEqual(yes);
    await expect(run(() => twilio.reconcileSms(asked))).resolves.toEqual({ found: 'no' });
  });

  test('Twilio: when it can not tell, Temporal may ask again', async () => {
    const { url } = await serve(html(503));
    const failed = await failure(run(async () => (await overTwilio(url)).reconcileSms(asked)));
    expect(failed).toMatchObject({ type: 'SmsUnanswered', nonRetryable: false });
  });

  test('without a provider it can not tell, until one is configured', async () => {
    const failed = await failure(run(() => withoutSms().reconcileSms(asked)));
    expect(failed).toMatchObject({ type: 'SmsUnanswered', nonRetryable: false });
  });
});
