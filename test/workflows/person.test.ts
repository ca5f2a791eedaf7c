import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import type { SendRcsInput, SendSmsInput } from '../../src/activities/message-activities.js';
import { event, failure, startRig, type Rig } from './rig.js';
import { WAIT } from '../support/wait.js';

/*
 * In time, still of use, only if wanted, from the right phone: the workflow's part in it, on the time-skipping server.
 */

let rig: Rig;
beforeAll(async () => {
  rig = await startRig();
});
afterAll(() => rig.stop());

const SMS = { fallback: { sms: { text: 'x' } } };
const busy = () => Promise.reject(failure('RbmResourceExhausted', { mayBeQueued: false }));
const unreachable = () => Promise.reject(failure('RbmNotFound', { mayBeQueued: false }, true));

describe('RBM accepts nothing (G5)', () => {
  test('the SMS of a code does not wait for the expiry, and is in time', async () => {
    const delivery = await rig.start({ ttl: '3600s', ...SMS, acceptanceTimeout: '20s' }, { sendRcs: busy });
    const { outcome, reason, sms, timeline } = await delivery.result();
    expect({ outcome, reason, lateness: sms?.lateness }).toEqual({
      outcome: 'SENT_BY_SMS',
      reason: 'notAccepted',
      lateness: '0s',
    });
    expect(timeline).toContainEqual(expect.objectContaining({ event: 'notAcceptedInTime' }));
    expect(delivery.calls).not.toContain('revokeRcs');
  });

  test('a message that may be queued is revoked first', async () => {
    const lost = () => Promise.reject(failure('RbmUnanswered', { mayBeQueued: true }));
    const delivery = await rig.start({ ttl: '3600s', ...SMS, acceptanceTimeout: '20s' }, { sendRcs: lost });
    expect(await delivery.result()).toMatchObject({ outcome: 'SENT_BY_SMS', reason: 'notAccepted' });
    expect(delivery.calls.filter((name) => name !== 'sendRcs')).toEqual(['revokeRcs', 'sendSms']);
  });
});

describe('an event from another number (G3)', () => {
  test('is ignored, and listed without the number', async () => {
    const delivery = await rig.start({ ttl: '600s', ...SMS });
    await delivery.until(({ phase }) => phase === 'AWAITING_DELIVERY');
    await delivery.signal('delivered', { ...event(), from: '+15550100002' });
    await delivery.signal('ttlExpirationRevoked', { ...event('event-2'), from: '+15550100002' });
    const { evidence, phase } = await delivery.status();
    expect(phase).toBe('AWAITING_DELIVERY');
    expect(evidence.map(({ event: name }) => name)).toEqual(['sendAnswered', 'otherSender', 'otherSender']);
    expect(JSON.stringify(evidence)).not.toContain('0100002');
    await delivery.signal('delivered', { ...event('event-3'), from: '+1 555 010-0001' });
    expect(await delivery.result()).toMatchObject({ outcome: 'DELIVERED' });
  });
});

describe('opt-outs (G11)', () => {
  const OFFER = { messageTrafficType: 'PROMOTION' as const, ...SMS, ttl: '600s' };
  const optedOut = { source: 'rbm', sendTime: '2026-01-02T03:04:05Z' };

  test('the look-up right before the create stops it', async () => {
    const seen: (boolean | undefined)[] = [];
    const delivery = await rig.start(OFFER, {
      sendRcs: ({ honorOptOut }) => {
        seen.push(honorOptOut);
        return Promise.reject(failure('OptedOut', { mayBeQueued: false }, true));
      },
    });
    expect(await delivery.result()).toMatchObject({ outcome: 'SUPPRESSED', channel: null, reason: 'optedOut' });
    expect(seen).toEqual([true]);
    expect(delivery.calls).toEqual(['sendRcs']);
  });

  test('a message in flight is revoked at once, without an SMS', async () => {
    const delivery = await rig.start(OFFER);
    await delivery.until(({ phase }) => phase === 'AWAITING_DELIVERY');
    await delivery.signal('optedOut', optedOut);
    expect(await delivery.result()).toMatchObject({ outcome: 'REVOKED', reason: 'optedOut' });
    expect(delivery.calls).toEqual(['sendRcs', 'revokeRcs']);
  });

  test('the look-up right before the SMS stops it', async () => {
    const delivery = await rig.start(OFFER, {
      sendRcs: unreachable,
      sendSms: () => Promise.reject(failure('OptedOut', {}, true)),
    });
    expect(await delivery.result()).toMatchObject({ outcome: 'SUPPRESSED' });
  });

  test('a look-up that is not possible makes an offer wait', async () => {
    let attempts = 0;
    const delivery = await rig.start(OFFER, {
      sendRcs: () => {
        attempts += 1;
        if (attempts < 3) return Promise.reject(failure('OptOutUnknown', { mayBeQueued: false }));
        return Promise.resolve({ acceptedEarlier: false });
      },
    });
    await delivery.until(({ phase }) => phase === 'AWAITING_DELIVERY');
    await delivery.signal('delivered');
    expect(await delivery.result()).toMatchObject({ outcome: 'DELIVERED' });
    expect(attempts).toBe(3);
  });

  test('a code passes: it is not looked up, and the signal changes nothing', async () => {
    let asked: SendRcsInput | undefined;
    const delivery = await rig.start(
      { ttl: '600s', ...SMS },
      {
        sendRcs: (input) => {
          asked = input;
          return Promise.resolve({ acceptedEarlier: false });
        },
      },
    );
    await delivery.until(({ phase }) => phase === 'AWAITING_DELIVERY');
    await delivery.signal('optedOut', optedOut);
    expect((await delivery.status()).phase).toBe('AWAITING_DELIVERY');
    expect(asked).toMatchObject({ honorOptOut: false });
    await delivery.signal('delivered');
    expect(await delivery.result()).toMatchObject({ outcome: 'DELIVERED' });
  });

  describe('a message without a traffic type, of an agent for promotions', () => {
    const untyped = { ...SMS, messageTrafficType: undefined, ttl: '600s' };
    const accepted = () => Promise.resolve({ acceptedEarlier: false, honorsOptOut: true });

    test('is revoked in flight as well', async () => {
      const delivery = await rig.start(untyped, { sendRcs: accepted });
      await delivery.until(({ phase }) => phase === 'AWAITING_DELIVERY');
      await delivery.signal('optedOut', optedOut);
      expect(await delivery.result()).toMatchObject({ outcome: 'REVOKED', reason: 'optedOut' });
      expect(delivery.calls).toEqual(['sendRcs', 'revokeRcs']);
    });

    test('also if the opt-out came before that was known', async () => {
      let isAsked = 0;
      const sendRcs = () => {
        isAsked += 1;
        if (isAsked < 4) return Promise.reject(failure('RbmUnavailable', { mayBeQueued: true }));
        return accepted();
      };
      const delivery = await rig.start(untyped, { sendRcs });
      await delivery.until(() => isAsked >= 1);
      await delivery.signal('optedOut', optedOut);
      expect(await delivery.result()).toMatchObject({ outcome: 'REVOKED', reason: 'optedOut' });
      expect(delivery.calls).not.toContain('sendSms');
    });

    test('goes on for any other agent', async () => {
      const delivery = await rig.start(untyped);
      await delivery.until(({ phase }) => phase === 'AWAITING_DELIVERY');
      await delivery.signal('optedOut', optedOut);
      expect((await delivery.status()).phase).toBe('AWAITING_DELIVERY');
      await delivery.signal('delivered');
      expect(await delivery.result()).toMatchObject({ outcome: 'DELIVERED' });
    });
  });
});

describe('the SMS', () => {
  test('the provider is told how long it is of use, from the first request (G12)', async () => {
    const asked: SendSmsInput[] = [];
    const delivery = await rig.start(
      { ttl: '600s', fallback: { sms: { text: 'x', validity: '120s' } } },
      {
        sendRcs: unreachable,
        sendSms: (input) => {
          asked.push(input);
          return Promise.reject(failure('SmsNotSent', { provider: 'first', smsReason: 'account' }));
        },
      },
    );
    const { outcome, sms } = await delivery.result();
    expect(outcome).toBe('UNDELIVERABLE');
    expect(new Set(asked.map(({ validUntil }) => validUntil))).toEqual(new Set([sms?.validUntil]));
    expect(Date.parse(sms?.validUntil ?? '') - Date.parse(sms?.requestedTime ?? '')).toBe(120_000);
    expect(asked.length).toBeGreaterThan(2);
  });

  test('the next provider is asked at once where the first surely sent nothing (G2)', async () => {
    const asked: SendSmsInput[] = [];
    const delivery = await rig.start(
      { ttl: '600s', ...SMS },
      {
        sendRcs: unreachable,
        sendSms: (input) => {
          asked.push(input);
          const details = { provider: 'first', smsReason: 'account', otherProvider: true } as const;
          if (input.notBy === undefined) return Promise.reject(failure('SmsNotSent', details));
          return Promise.resolve({ provider: 'second', providerMessageId: '2' });
        },
      },
    );
    await delivery.until(({ phase }) => phase === 'AWAITING_SMS_RECEIPT');
    await delivery.signal('smsStatus', { ...event(), status: 'DELIVERED' });
    expect(await delivery.result()).toMatchObject({ outcome: 'DELIVERED_BY_SMS', sms: { provider: 'second' } });
    expect(asked.map(({ notBy }) => notBy)).toEqual([undefined, ['first']]);
  });

  test('an unconfirmed revocation goes on beside it until RBM confirms', async () => {
    let deletes = 0;
    const delivery = await rig.start(
      { ttl: '10s', ...SMS, revocation: { budget: '3s', grace: '1s', deadMansSwitch: '600s' } },
      {
        revokeRcs: () => {
          deletes += 1;
          return deletes < 4 ? Promise.reject(failure('RbmUnavailable')) : Promise.resolve();
        },
      },
    );
    await delivery.until(({ phase }) => phase === 'AWAITING_DELIVERY');
    await rig.env.sleep('14s');
    await delivery.until(({ phase }) => phase === 'AWAITING_SMS_RECEIPT');
    await delivery.signal('smsStatus', { ...event(), status: 'DELIVERED' });
    await vi.waitFor(() => {
      expect(deletes).toBe(4);
    }, WAIT);
    expect(await delivery.result()).toMatchObject({ outcome: 'DELIVERED_BY_SMS', reason: 'expired' });
  });
});

test('what RBM says about the message when it accepts it is kept', async () => {
  const rcs = { carrier: 'acme', richMessageClassification: { classificationType: 'BASIC', segmentCount: 1 } };
  const delivery = await rig.start(
    { ttl: '600s' },
    { sendRcs: () => Promise.resolve({ acceptedEarlier: false, ...rcs }) },
  );
  await delivery.until(({ phase }) => phase === 'AWAITING_DELIVERY');
  await delivery.signal('delivered');
  expect(await delivery.result()).toMatchObject({ outcome: 'DELIVERED', rcs });
});

test('the run and Temporal’s time go to the create, so that a reset and a wrong clock are noticed', async () => {
  let asked: SendRcsInput | undefined;
  const delivery = await rig.start(
    { ttl: '600s' },
    {
      sendRcs: (input) => {
        asked = input;
        return Promise.resolve({ acceptedEarlier: false });
      },
    },
  );
  await delivery.until(({ phase }) => phase === 'AWAITING_DELIVERY');
  const { runId } = await delivery.handle.describe();
  expect(asked).toMatchObject({ runId, askedAt: expect.any(Number) as number });
  await delivery.signal('delivered');
  await delivery.result();
});
