import { randomUUID } from 'node:crypto';
import type { ApplicationFailure } from '@temporalio/common';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { changeExpiryUpdate, revokeNowUpdate } from '../../src/contract/messages.js';
import { BLANK, CONTROL_CHARACTER } from '../../src/contract/texts.js';
import { event, failure, startRig, type Rig } from './rig.js';

let rig: Rig;
beforeAll(async () => {
  rig = await startRig();
});
afterAll(() => rig.stop());

const sms = { sms: { text: 'Your code is 482913' } };
const second = 1_000;
const seconds = (from: string | undefined, to: string | undefined) =>
  (Date.parse(to ?? '') - Date.parse(from ?? '')) / second;

describe('the main paths', () => {
  test('delivered: no revoke and no SMS', async () => {
    const delivery = await rig.start({ fallback: sms });
    await delivery.until(({ phase }) => phase === 'AWAITING_DELIVERY');
    await delivery.signal('delivered');
    expect(await delivery.result()).toMatchObject({ outcome: 'DELIVERED', channel: 'RCS', duplicate: false });
    expect(delivery.calls).toEqual(['sendRcs']);
  });

  test('while waiting, status shows phase, expireTime and what comes next', async () => {
    const delivery = await rig.start({ ttl: '600s' });
    const status = await delivery.until(({ phase }) => phase === 'AWAITING_DELIVERY');
    expect(status.next).toEqual({ action: 'revoke', time: status.expireTime });
    expect(seconds(status.timeline[0]?.time, status.expireTime)).toBeCloseTo(600, 0);
    await delivery.handle.terminate();
  });

  test('offline: revoked at expiry, SMS after the grace, receipt', async () => {
    const delivery = await rig.start({ ttl: '600s', fallback: sms });
    await delivery.until(({ phase }) => phase === 'AWAITING_DELIVERY');
    await rig.env.sleep(605 * second + 500);
    await delivery.until(({ phase }) => phase === 'AWAITING_SMS_RECEIPT');
    await delivery.signal('smsStatus', { ...event(), status: 'DELIVERED' });
    const result = await delivery.result();
    expect(result).toMatchObject({ outcome: 'DELIVERED_BY_SMS', channel: 'SMS', sms: { lateness: '0s' } });
    expect(delivery.calls).toEqual(['sendRcs', 'revokeRcs', 'sendSms']);
    const at = (name: string) => result.timeline.find((entry) => entry.event === name)?.time;
    expect(seconds(result.expireTime, at('revokeStarted'))).toBeGreaterThanOrEqual(0);
    expect(seconds(at('revokeAnswered'), at('smsRequested'))).toBeGreaterThanOrEqual(5);
  });

  test('no receipt in time: SENT_BY_SMS', async () => {
    const delivery = await rig.start({ fallback: sms });
    expect(await delivery.result()).toMatchObject({ outcome: 'SENT_BY_SMS', channel: 'SMS' });
  });

  test('RBM answers 404 to the create: SMS at once, without a revoke', async () => {
    const delivery = await rig.start(
      { fallback: sms },
      { sendRcs: () => Promise.reject(failure('RbmNotFound', { mayBeQueued: false }, true)) },
    );
    await delivery.until(({ phase }) => phase === 'AWAITING_SMS_RECEIPT');
    await delivery.signal('smsStatus', { ...event(), status: 'UNDELIVERED' });
    expect(await delivery.result()).toMatchObject({ outcome: 'UNDELIVERABLE', channel: null });
    expect(delivery.calls).toEqual(['sendRcs', 'sendSms']);
  });

  test('a DELIVERED receipt after an UNDELIVERED is waited for, and wins', async () => {
    const delivery = await rig.start({ fallback: sms, ttl: '10s' });
    await rig.env.sleep(17_000);
    await delivery.until(({ phase }) => phase === 'AWAITING_SMS_RECEIPT');
    await delivery.signal('smsStatus', { ...event(), status: 'UNDELIVERED' });
    const { next } = await delivery.until(({ sms: leg }) => leg?.receipt === 'UNDELIVERED');
    expect(next).toMatchObject({ action: 'UNDELIVERABLE' });
    await delivery.signal('smsStatus', { ...event('event-2'), status: 'DELIVERED' });
    expect(await delivery.result()).toMatchObject({ outcome: 'DELIVERED_BY_SMS', sms: { receipt: 'DELIVERED' } });
  });

  test('without a fallback: REVOKED', async () => {
    const delivery = await rig.start();
    expect(await delivery.result()).toMatchObject({ outcome: 'REVOKED', channel: null });
    expect(delivery.calls).toEqual(['sendRcs', 'revokeRcs']);
  });

  test('fifteen days pass, and the dead man’s switch stays within what RBM allows', async () => {
    let asked = '';
    const delivery = await rig.start(
      { ttl: '1296000s' },
      {
        sendRcs: (input) => {
          asked = input.expireTime;
          return Promise.resolve({ acceptedEarlier: false });
        },
      },
    );
    const result = await delivery.result();
    expect(result.outcome).toBe('REVOKED');
    expect(seconds(result.timeline[0]?.time, result.settledTime)).toBeGreaterThan(15 * 86_400);
    expect(asked).toBe(result.expireTime);
  });
});

describe('evidence', () => {
  test.each(['read', 'replied'])('%s alone proves delivery', async (name) => {
    const delivery = await rig.start({ fallback: sms });
    await delivery.until(({ phase }) => phase === 'AWAITING_DELIVERY');
    await delivery.signal(name);
    expect(await delivery.result()).toMatchObject({ outcome: 'DELIVERED' });
  });

  test('DELIVERED inside the grace after a revoke', async () => {
    const delivery = await rig.start({ ttl: '10s', fallback: sms });
    await rig.env.sleep(11 * second);
    await delivery.until(({ phase }) => phase === 'CONFIRMING_REVOCATION');
    await delivery.signal('delivered');
    expect(await delivery.result()).toMatchObject({ outcome: 'DELIVERED', duplicate: false });
    expect(delivery.calls).toEqual(['sendRcs', 'revokeRcs']);
  });

  test('TTL_EXPIRATION_REVOKED: SMS without a DELETE', async () => {
    const delivery = await rig.start({ ttl: '10s', fallback: sms, revocation: { strategy: 'platform' } });
    await rig.env.sleep(11 * second);
    await delivery.signal('ttlExpirationRevoked');
    expect(await delivery.result()).toMatchObject({ outcome: 'SENT_BY_SMS' });
    expect(delivery.calls).toEqual(['sendRcs', 'sendSms']);
  });

  test('a late DELIVERED after the SMS was accepted is reported as a duplicate', async () => {
    const delivery = await rig.start({ ttl: '10s', fallback: sms });
    await rig.env.sleep(17 * second);
    await delivery.until(({ phase }) => phase === 'AWAITING_SMS_RECEIPT');
    await delivery.signal('delivered');
    expect(await delivery.result()).toMatchObject({ outcome: 'DELIVERED', channel: 'RCS', duplicate: true });
  });

  test('an event before anything was sent does not stop the clock', async () => {
    const delivery = await rig.startWith('ttlExpirationRevoked', { ttl: '10s', fallback: sms });
    expect(await delivery.result()).toMatchObject({ outcome: 'SENT_BY_SMS' });
  });

  test('signals with an invalid payload are ignored and block nothing', async () => {
    const delivery = await rig.start();
    await delivery.until(({ phase }) => phase === 'AWAITING_DELIVERY');
    const bad = [
      null,
      'x',
      5,
      [],
      {},
      { eventId: 5, sendTime: 'x' },
      { eventId: '', sendTime: 'x' },
      { sendTime: 'x' },
    ];
    for (const payload of bad) await delivery.signal('delivered', payload);
    await delivery.signal('smsStatus', { ...event(), status: 'LOST' });
    await delivery.handle.signal('delivered');
    for (const encoding of ['json/plain', 'json/protobuf', 'binary/protobuf', 'of another world', '']) {
      await rig.env.client.workflowService.signalWorkflowExecution({
        namespace: rig.env.namespace ?? 'default',
        workflowExecution: { workflowId: delivery.handle.workflowId },
        signalName: 'delivered',
        input: {
          payloads: [{ metadata: { encoding: Buffer.from(encoding) }, data: Buffer.from('no JSON: +15550100001') }],
        },
      });
    }
    for (const name of ['unheardOf', '__temporal_unheardOf', '__proto__', 'toString', '__stack_trace']) {
      await delivery.signal(name, { anything: true });
    }
    expect((await delivery.status()).phase).toBe('AWAITING_DELIVERY');
    await delivery.signal('delivered', { ...event(), kind: 'smsStatus', more: { nested: [1] } });
    expect(await delivery.result()).toMatchObject({ outcome: 'DELIVERED' });
  });
});

describe('the budget', () => {
  test('send: DELETE hangs, and the SMS goes out in time', async () => {
    const delivery = await rig.start(
      { ttl: '10s', fallback: sms },
      { revokeRcs: () => Promise.reject(failure('RbmUnanswered')) },
    );
    const result = await delivery.result();
    expect(result.outcome).toBe('SENT_BY_SMS');
    expect(seconds(result.expireTime, result.sms?.requestedTime)).toBeLessThanOrEqual(30.5);
    expect(seconds(result.expireTime, result.sms?.requestedTime)).toBeGreaterThanOrEqual(29.5);
  });

  test('hold: keeps revoking, then UNCERTAIN without an SMS', async () => {
    const delivery = await rig.start(
      { ttl: '10s', messageTrafficType: 'PROMOTION', fallback: sms },
      { revokeRcs: () => Promise.reject(failure('RbmNotFound')) },
    );
    const result = await delivery.result();
    expect(result.outcome).toBe('UNCERTAIN');
    expect(delivery.calls).not.toContain('sendSms');
    expect(delivery.calls.filter((name) => name === 'revokeRcs').length).toBeGreaterThan(5);
    expect(seconds(result.expireTime, result.settledTime)).toBeGreaterThanOrEqual(3_600);
  });
});

describe('the SMS leg', () => {
  test('an unanswered request to a provider without idempotency keys is never repeated without proof', async () => {
    const delivery = await rig.start(
      { ttl: '10s', fallback: sms },
      {
        sendSms: () => Promise.reject(failure('SmsUnanswered')),
        reconcileSms: () => Promise.resolve({ found: 'yes', provider: 'twilio', providerMessageId: 'SM1' }),
      },
    );
    expect(await delivery.result()).toMatchObject({ outcome: 'SENT_BY_SMS', sms: { providerMessageId: 'SM1' } });
    expect(delivery.calls).toEqual(['sendRcs', 'revokeRcs', 'sendSms', 'reconcileSms']);
  });

  test('proof that nothing was sent allows a second request', async () => {
    let tries = 0;
    const delivery = await rig.start(
      { ttl: '10s', fallback: sms },
      {
        sendSms: () => {
          tries += 1;
          return tries === 1
            ? Promise.reject(failure('SmsUnanswered'))
            : Promise.resolve({ provider: 'twilio', providerMessageId: 'SM2' });
        },
        reconcileSms: () => Promise.resolve({ found: 'no' }),
      },
    );
    expect(await delivery.result()).toMatchObject({ outcome: 'SENT_BY_SMS', sms: { providerMessageId: 'SM2' } });
    expect(delivery.calls.filter((name) => name === 'sendSms')).toHaveLength(2);
  });

  test('a provider that never says whether it sent the SMS: UNCERTAIN, one request', async () => {
    const delivery = await rig.start(
      { ttl: '10s', fallback: sms },
      {
        sendSms: () => Promise.reject(failure('SmsUnanswered')),
        reconcileSms: () => Promise.reject(failure('SmsUnanswered')),
      },
    );
    expect(await delivery.result()).toMatchObject({ outcome: 'UNCERTAIN' });
    expect(delivery.calls.filter((name) => name === 'sendSms')).toHaveLength(1);
  });

  test('refused: UNDELIVERABLE', async () => {
    const delivery = await rig.start(
      { ttl: '10s', fallback: sms },
      { sendSms: () => Promise.reject(failure('SmsRefused', {}, true)) },
    );
    expect(await delivery.result()).toMatchObject({ outcome: 'UNDELIVERABLE', channel: null });
  });
});

describe('operators', () => {
  test('revokeNow revokes the message early, then the SMS follows', async () => {
    const delivery = await rig.start({ fallback: sms });
    await delivery.until(({ phase }) => phase === 'AWAITING_DELIVERY');
    const status = await delivery.handle.executeUpdate(revokeNowUpdate, {
      args: [{ reason: 'wrong code', fallback: 'sms' }],
    });
    expect(status.phase).toBe('REVOKING');
    expect(await delivery.result()).toMatchObject({ outcome: 'SENT_BY_SMS' });
  });

  test('revokeNow without fallback settles as REVOKED', async () => {
    const delivery = await rig.start({ fallback: sms });
    await delivery.until(({ phase }) => phase === 'AWAITING_DELIVERY');
    await delivery.handle.executeUpdate(revokeNowUpdate, { args: [{ reason: 'wrong price', fallback: 'none' }] });
    expect(await delivery.result()).toMatchObject({ outcome: 'REVOKED' });
    expect(delivery.calls).not.toContain('sendSms');
  });

  test('changeExpiry moves the revocation, both ways', async () => {
    const delivery = await rig.start({ ttl: '60s' });
    await delivery.until(({ phase }) => phase === 'AWAITING_DELIVERY');
    const at = (ms: number) => rig.env.currentTimeMs().then((now) => new Date(now + ms).toISOString());
    const later = await at(3_600 * second);
    await delivery.handle.executeUpdate(changeExpiryUpdate, { args: [{ expireTime: later }] });
    // RBM keeps the expireTime that it was given with the message: 60 s after the first expiry.
    const { next, platformExpireTime } = await delivery.status();
    expect(next).toEqual({ action: 'revoke', time: later });
    expect(Date.parse(platformExpireTime ?? '')).toBeLessThan(Date.parse(later));
    await rig.env.sleep(125 * second);
    expect(await delivery.status()).toMatchObject({ phase: 'AWAITING_DELIVERY', expireTime: later });
    const sooner = await at(5 * second);
    await delivery.handle.executeUpdate(changeExpiryUpdate, { args: [{ expireTime: sooner }] });
    const result = await delivery.result();
    expect(result).toMatchObject({ outcome: 'REVOKED', expireTime: sooner });
    expect(seconds(sooner, result.settledTime)).toBeLessThan(10);
  });

  test('updates that come too late or are invalid are refused with the reason', async () => {
    const delivery = await rig.start({ ttl: '10s' });
    await delivery.until(({ phase }) => phase === 'AWAITING_DELIVERY');
    const refused = async (name: string, input: unknown, reason: RegExp) => {
      const failed = await delivery.handle.executeUpdate(name, { args: [input] }).catch((error: unknown) => error);
      expect((failed as Error).cause).toMatchObject({ message: expect.stringMatching(reason) as unknown });
    };
    await refused('changeExpiry', { expireTime: '2020-01-01T00:00:00Z' }, /must be in the future/);
    const now = await rig.env.currentTimeMs();
    await refused('changeExpiry', { expireTime: new Date(now + 16 * 86_400_000).toISOString() }, /within 15 days/);
    await refused('changeExpiry', { expireTime: 'soon' }, /RFC 3339/);
    await refused('changeExpiry', null, /must be an object/);
    await refused('revokeNow', { reason: '', fallback: 'none' }, /reason: must not be empty/);
    await refused('revokeNow', { reason: 'x', fallback: 'sms' }, /this delivery has no SMS/);
    await refused('revokeNow', { reason: 'x', fallback: 'none', extra: 1 }, /extra: is not a known field/);
    await rig.env.sleep(11 * second);
    await delivery.until(({ phase }) => phase === 'CONFIRMING_REVOCATION');
    await refused('revokeNow', { reason: 'x', fallback: 'none' }, /revoking has begun/);
    await refused(
      'changeExpiry',
      { expireTime: new Date((await rig.env.currentTimeMs()) + 60_000).toISOString() },
      /revoking has begun/,
    );
    expect(await delivery.result()).toMatchObject({ outcome: 'REVOKED' });
  });

  test('cancelling revokes the message and sends no SMS', async () => {
    const delivery = await rig.start({ fallback: sms });
    await delivery.until(({ phase }) => phase === 'AWAITING_DELIVERY');
    await delivery.handle.cancel();
    expect(await delivery.result()).toMatchObject({ outcome: 'CANCELLED' });
    expect(delivery.calls).toEqual(['sendRcs', 'revokeRcs']);
  });

  test('cancelled, but DELIVERED comes in the grace: it was delivered', async () => {
    const delivery = await rig.start({ fallback: sms });
    await delivery.until(({ phase }) => phase === 'AWAITING_DELIVERY');
    await delivery.handle.cancel();
    await delivery.until(({ phase }) => phase === 'CONFIRMING_REVOCATION');
    await delivery.signal('delivered');
    expect(await delivery.result()).toMatchObject({ outcome: 'DELIVERED' });
  });
});

describe('bad input', () => {
  test('fails at once, names every bad field and repeats no value', async () => {
    const delivery = await rig.start({
      agentId: 'no/agent',
      recipient: '+99912345678',
      ttl: '5m',
      expireTime: '2099-01-01T00:00:00Z',
      fallback: { sms: { text: '', ...{ sendr: 'hush' } } },
      revocation: { grace: '50s' },
    });
    const failed: unknown = await delivery.handle.result().catch((error: unknown) => error);
    const cause = (failed as Error).cause as Error & { type: string; nonRetryable: boolean };
    expect(cause).toMatchObject({ type: 'InvalidInput', nonRetryable: true });
    for (const field of [
      'agentId',
      'recipient',
      'ttl',
      'expireTime',
      'fallback.sms.text',
      'revocation.grace',
      'fallback.sms.sendr',
    ]) {
      expect(cause.message).toContain(`${field}:`);
    }
    for (const value of ['no/agent', '99912345678', '5m', '2099', 'hush']) expect(cause.message).not.toContain(value);
    expect(delivery.calls).toEqual([]);
  });

  test('of absurd size: fails at once, however many unknown fields there are', async () => {
    const many = Object.fromEntries(Array.from({ length: 100_000 }, (_, index) => [`x${String(index)}`, 1]));
    const delivery = await rig.start({ ttl: '600s', revocation: many });
    const failed: unknown = await delivery.handle.result().catch((error: unknown) => error);
    const cause = (failed as Error).cause as Error;
    expect(cause).toMatchObject({ type: 'InvalidInput' });
    expect(cause.message).toContain('has 99980 more unknown fields');
    expect(cause.message.length).toBeLessThan(2_000);
  });

  test('an unknown field at the top, as a newer client may send, fails no delivery; null counts as absent', async () => {
    const newer = { ttl: '600s', priority: 1, fallback: null, notify: null } as object;
    const delivery = await rig.start(newer);
    await delivery.until(({ phase }) => phase === 'AWAITING_DELIVERY');
    await delivery.signal('delivered');
    expect(await delivery.result()).toMatchObject({ outcome: 'DELIVERED' });
  });

  test('null counts as absent at every depth, in updates and signals too', async () => {
    const input = {
      ...{ ttl: '600s', expireTime: null, revocation: { grace: null }, campaignId: null },
      fallback: { sms: { text: 'Hello', sender: null, validity: null }, whenUncertain: null },
    } as object;
    const delivery = await rig.start(input);
    await delivery.until(({ phase }) => phase === 'AWAITING_DELIVERY');
    const revoke = { reason: 'wrong price', fallback: 'none', note: null } as const;
    await delivery.handle.executeUpdate(revokeNowUpdate, { args: [revoke] });
    await delivery.signal('delivered', { ...event(), from: null });
    expect(await delivery.result()).toMatchObject({ outcome: 'DELIVERED' });
  });

  test('a text that is blank, or that a strict gateway refuses', async () => {
    const delivery = await rig.start({ contentMessage: { text: 'a\0' }, fallback: { sms: { text: '\u00a0' } } });
    const failed: unknown = await delivery.handle.result().catch((error: unknown) => error);
    expect(((failed as Error).cause as ApplicationFailure).details).toEqual([
      [
        { field: 'contentMessage.text', problem: CONTROL_CHARACTER },
        { field: 'fallback.sms.text', problem: BLANK },
      ],
    ]);
    expect(delivery.calls).toEqual([]);
  });

  test('an update of absurd size is refused, and blocks nothing', async () => {
    const delivery = await rig.start({ ttl: '600s' });
    await delivery.until(({ phase }) => phase === 'AWAITING_DELIVERY');
    const many = Object.fromEntries(Array.from({ length: 100_000 }, (_, index) => [`x${String(index)}`, 1]));
    const args: [{ expireTime: string }] = [{ expireTime: 'x', ...many }];
    await expect(delivery.handle.executeUpdate(changeExpiryUpdate, { args })).rejects.toThrow();
    await delivery.signal('delivered');
    expect(await delivery.result()).toMatchObject({ outcome: 'DELIVERED' });
  });

  test.each(['json/plain', 'json/protobuf', ''])(
    'in the encoding "%s", unreadable: fails at once',
    async (encoding) => {
      const workflowId = `message-delivery:acme-agent:${randomUUID()}`;
      await rig.env.client.workflowService.startWorkflowExecution({
        namespace: rig.env.namespace ?? 'default',
        workflowId,
        requestId: randomUUID(),
        workflowType: { name: 'messageDelivery' },
        taskQueue: { name: rig.taskQueue },
        input: { payloads: [{ metadata: { encoding: Buffer.from(encoding) }, data: Buffer.from('no JSON') }] },
      });
      const failed: unknown = await rig.env.client.workflow
        .getHandle(workflowId)
        .result()
        .catch((error: unknown) => error);
      expect((failed as Error).cause).toMatchObject({ type: 'InvalidInput', nonRetryable: true });
    },
  );
});

// The last test: a workflow that ends while an activity runs leaves the test server's clock locked.
test('DELIVERED before the create call has returned', async () => {
  let answer: () => void = () => undefined;
  const answered = new Promise<void>((resolve) => (answer = resolve));
  let attempts = 0;
  const delivery = await rig.start(
    { fallback: sms },
    {
      sendRcs: async () => {
        attempts += 1;
        if (attempts === 1) throw failure('RbmUnanswered', { mayBeQueued: true });
        await answered;
        return { acceptedEarlier: true };
      },
    },
  );
  await delivery.until(({ timeline }) => timeline.filter(({ event: name }) => name === 'sendStarted').length === 2);
  await delivery.signal('delivered');
  expect(await delivery.result()).toMatchObject({ outcome: 'DELIVERED' });
  answer();
});
