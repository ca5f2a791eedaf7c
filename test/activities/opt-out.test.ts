import type { Info } from '@temporalio/activity';
import { ApplicationFailure, ApplicationFailureCategory } from '@temporalio/common';
import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import { describe, expect, test } from 'vitest';
import type { OptOutDependencies } from '../../src/activities/check-opt-out.js';
import { createActivities } from '../../src/activities/create-activities.js';
import type { SendRcsInput, SendSmsInput } from '../../src/activities/message-activities.js';
import type { SmsReason } from '../../src/contract/failures.js';
import type { OptOutEntry, OptOutPerson } from '../../src/contract/opt-out.js';
import type { RbmAuth } from '../../src/rbm/rbm-auth.js';
import { createRbmClient } from '../../src/rbm/rbm-client.js';
import { createHttpSmsProvider } from '../../src/sms/http-provider.js';
import { SmsError } from '../../src/sms/sms-error.js';
import type { SmsProvider } from '../../src/sms/sms-provider.js';
import { json, rejection, serve } from '../http/loopback.js';

const NOW = Date.parse('2026-01-02T03:04:05Z');
const auth: RbmAuth = { accessToken: () => Promise.resolve('token'), invalidate: () => undefined };
const RECIPIENT = '+15550100001';
const rcs: SendRcsInput = {
  agentId: 'acme-agent',
  messageId: '0b2f6d0e-3c1f-4a57-9d8e-1f3f5a7b9c21',
  recipient: RECIPIENT,
  contentMessage: { text: 'Sale' },
  messageTrafficType: 'PROMOTION',
  expireTime: '2026-01-02T03:15:05Z',
  revokeTime: '2026-01-02T03:14:05Z',
  timeoutMs: 5_000,
  mayBeQueued: false,
  honorOptOut: true,
};
const WORKFLOW_ID = `message-delivery:acme-agent:${rcs.messageId}`;
const code: SendSmsInput = {
  agentId: 'acme-agent',
  to: RECIPIENT,
  text: 'Sale',
  reference: WORKFLOW_ID,
  idempotencyKey: WORKFLOW_ID,
  validUntil: '2126-01-02T03:14:05Z',
  timeoutMs: 5_000,
};
const sms: SendSmsInput = { ...code, honorOptOut: true };

type LookUp = (person: OptOutPerson) => Promise<boolean>;

/** The activities over a real server for RBM and SMS, and an opt-out port that answers as given. */
async function stage(
  lookUp?: LookUp,
  changes: { sms?: SmsProvider; add?: () => Promise<void>; info?: Partial<Info>; logger?: DefaultLogger } = {},
) {
  const { url, received } = await serve(json(200, { id: 'sms-1' }));
  const asked: OptOutPerson[] = [];
  const added: [OptOutPerson, OptOutEntry][] = [];
  const heartbeats: unknown[] = [];
  const optOuts: OptOutDependencies['optOuts'] = lookUp && {
    isOptedOut: (person) => {
      asked.push(person);
      return lookUp(person);
    },
    add: async (person, entry) => {
      added.push([person, entry]);
      await changes.add?.();
    },
  };
  const activities = createActivities({
    rbm: createRbmClient({ endpoint: url, auth }),
    sms: changes.sms ?? createHttpSmsProvider({ url, token: 'gateway-token' }),
    now: () => NOW,
    optOuts,
  });
  const logger = changes.logger ?? new DefaultLogger('ERROR');
  const environment = new MockActivityEnvironment(changes.info ?? {}, { logger });
  environment.on('heartbeat', (details) => heartbeats.push(details));
  return {
    received,
    asked,
    added,
    heartbeats,
    sendRcs: (input = rcs) => environment.run(() => activities.sendRcs(input)),
    sendSms: (input = sms) => environment.run(() => activities.sendSms(input)),
  };
}

async function failure(promise: Promise<unknown>): Promise<ApplicationFailure> {
  const error = await rejection(promise);
  expect(error).toBeInstanceOf(ApplicationFailure);
  const { message, details, cause } = error as ApplicationFailure;
  expect(cause).toBeUndefined();
  expect(JSON.stringify({ message, details })).not.toMatch(/5550100001|Sale|secret/);
  return error as ApplicationFailure;
}

const yes: LookUp = () => Promise.resolve(true);
const no: LookUp = () => Promise.resolve(false);
const broken: LookUp = () => Promise.reject(new Error('secret'));
const throwing: LookUp = ({ recipient }) => {
  throw new Error(`secret of ${recipient}`);
};
const hanging: LookUp = () => new Promise(() => undefined);
const answeredTime = new Date(NOW).toISOString();

describe('a promotion to somebody who has opted out', () => {
  test('is not created', async () => {
    const on = await stage(yes);
    const failed = await failure(on.sendRcs());
    expect(failed).toMatchObject({ type: 'OptedOut', nonRetryable: true, category: ApplicationFailureCategory.BENIGN });
    expect(failed.details).toEqual([{ mayBeQueued: false, answeredTime }]);
    expect(on.received).toEqual([]);
    expect(on.asked).toMatchObject([{ agentId: 'acme-agent', recipient: RECIPIENT }]);
    expect(on.asked[0]?.channel).toBeUndefined();
  });

  test('says that an earlier attempt may have left it in the queue', async () => {
    const on = await stage(yes, { info: { attempt: 2 } });
    expect((await failure(on.sendRcs())).details).toEqual([{ mayBeQueued: true, answeredTime }]);
  });

  test('has no SMS, by either kind of opt-out', async () => {
    const on = await stage(yes);
    const failed = await failure(on.sendSms());
    expect(failed).toMatchObject({ type: 'OptedOut', nonRetryable: true, category: ApplicationFailureCategory.BENIGN });
    expect(on.received).toEqual([]);
    expect(on.heartbeats).toEqual([]);
    expect(on.asked).toEqual([{ agentId: 'acme-agent', recipient: RECIPIENT, channel: 'sms' }]);
  });
});

describe('a promotion whose opt-out can not be looked up', () => {
  test.each([
    ['an error', broken],
    ['an error at once', throwing],
    ['no answer', hanging],
  ])('is not created, and is tried again: %s', async (_, lookUp) => {
    const on = await stage(lookUp);
    const failed = await failure(on.sendRcs());
    expect(failed).toMatchObject({ type: 'OptOutUnknown', nonRetryable: false });
    expect(failed.details).toEqual([{ mayBeQueued: false, answeredTime }]);
    expect(on.received).toEqual([]);
    // The next attempt knows that this one sent nothing.
    expect(on.heartbeats).toEqual([{ attempt: 1, mayBeQueued: false }]);
  });

  test('is given up before Temporal ends the attempt: it is known that RBM was not asked', async () => {
    const on = await stage(hanging);
    const late = { ...rcs, revokeTime: new Date(NOW + 800).toISOString() };
    expect((await failure(on.sendRcs(late))).details).toEqual([{ mayBeQueued: false, answeredTime }]);
    expect(on.asked).toHaveLength(1);
    const tooLate = { ...rcs, revokeTime: new Date(NOW + 400).toISOString() };
    expect(await failure(on.sendRcs(tooLate))).toMatchObject({ type: 'RbmNotSent' });
    expect(on.asked).toHaveLength(1);
  });

  test.each([
    ['an error', broken],
    ['an error at once', throwing],
    ['no answer', hanging],
  ])('has no SMS, which the delivery decides to repeat: %s', async (_, lookUp) => {
    const on = await stage(lookUp);
    expect(await failure(on.sendSms())).toMatchObject({ type: 'OptOutUnknown', nonRetryable: true });
    expect(on.received).toEqual([]);
  });
});

describe('what is sent', () => {
  test('a promotion to others, after one look-up each', async () => {
    const on = await stage(no);
    await on.sendRcs();
    await on.sendSms();
    expect([on.received.length, on.asked.length]).toEqual([2, 2]);
    expect(on.received[0]?.body).not.toContain('honorOptOut');
  });

  test('a code, without any look-up, whatever the opt-outs are', async () => {
    const on = await stage(yes);
    await on.sendRcs({ ...rcs, messageTrafficType: 'AUTHENTICATION', honorOptOut: false });
    await on.sendSms(code);
    expect([on.received.length, on.asked.length]).toEqual([2, 0]);
  });

  test('everything, where no opt-outs are kept, with one warning at the first promotion', async () => {
    const warnings: string[] = [];
    const logger = new DefaultLogger('WARN', ({ message }) => warnings.push(message));
    const on = await stage(undefined, { logger });
    await on.sendRcs({ ...rcs, messageTrafficType: 'AUTHENTICATION', honorOptOut: false });
    await on.sendSms(code);
    expect(warnings).toEqual([]);
    await on.sendRcs();
    await on.sendSms();
    expect(on.received).toHaveLength(4);
    expect(warnings).toEqual([expect.stringMatching(/^opt-outs are not checked: /)]);
  });

  test('nothing after the revocation is due, even if the look-up took that long', async () => {
    let now = NOW;
    const { url, received } = await serve(json(200, {}));
    const late = () => {
      now = Date.parse(rcs.revokeTime) + 1;
      return Promise.resolve(false);
    };
    const rbm = createRbmClient({ endpoint: url, auth });
    const activities = createActivities({ rbm, now: () => now, optOuts: { isOptedOut: late } });
    const environment = new MockActivityEnvironment({}, { logger: new DefaultLogger('ERROR') });
    expect(await failure(environment.run(() => activities.sendRcs(rcs)))).toMatchObject({ type: 'RbmNotSent' });
    expect(received).toEqual([]);
  });
});

describe('an SMS provider that reports an opt-out', () => {
  const refusing = (reason: SmsReason): SmsProvider => ({
    ...createHttpSmsProvider({ url: 'http://127.0.0.1:1', token: 'x' }),
    name: 'twilio',
    send: () => Promise.reject(new SmsError({ reason, message: 'refused with 21610', httpStatus: 400, code: '21610' })),
  });

  test('is recorded as an opt-out from SMS, also for a code', async () => {
    const on = await stage(no, { sms: refusing('optedOut') });
    expect(await failure(on.sendSms(code))).toMatchObject({ type: 'SmsRefused' });
    expect(on.added).toEqual([
      [
        { agentId: 'acme-agent', recipient: RECIPIENT, channel: 'sms' },
        { source: 'sms:twilio 21610', sendTime: expect.stringMatching(/Z$/) as string, eventId: WORKFLOW_ID },
      ],
    ]);
  });

  test.each([
    ['fails', () => Promise.reject(new Error('secret'))],
    ['hangs', () => new Promise<void>(() => undefined)],
  ])('the failure stays the same if recording it %s', async (_, add) => {
    const on = await stage(no, { sms: refusing('optedOut'), add });
    expect(await failure(on.sendSms())).toMatchObject({ type: 'SmsRefused', nonRetryable: true });
    expect(on.added).toHaveLength(1);
  });

  test('another refusal is none', async () => {
    const on = await stage(no, { sms: refusing('recipient') });
    await failure(on.sendSms());
    expect(on.added).toEqual([]);
  });
});
