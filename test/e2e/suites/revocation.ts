import { describe, expect, test } from 'vitest';
import type { DeliveryStack } from '../../../dev/stack/delivery-stack.js';
import type { PhoneBehaviourInput, PresetName } from '../../../dev/simulator/phone-behaviour.js';
import { DROPPED_SOON, deliver, expectSmsBy } from '../support/deliver.js';
import { expectTruthful } from '../support/guarantees.js';

type Behaviour = PresetName | PhoneBehaviourInput;
type Delete = NonNullable<PhoneBehaviourInput['delete']>;

const HOLD = { fallback: { sms: { text: 'Your code is 482913' }, whenUncertain: 'hold' } };
const BRIEFLY = { revocation: { grace: '1s', budget: '4s', holdTimeout: '4s' } };
const PLATFORM = { revocation: { strategy: 'platform', grace: '1s', budget: '6s', ttlEventTimeout: '2s' } };

/**
 * The tests of revocation, under one of the two ways in which Google has documented the answers to DELETE
 * (docs/rbm.md). `new`: 404 means that the message was not revoked. `old`: the answer is always 200 and says nothing.
 */
export function describeRevocation(deleteReading: 'new' | 'old', stack: () => DeliveryStack): void {
  const start = (behaviour: Behaviour, input?: Readonly<Record<string, unknown>>) =>
    deliver(stack(), { behaviour, ...(input !== undefined && { input }) });

  describe.concurrent('a DELETE while the phone receives the message', () => {
    test.each<[string, Behaviour]>([
      ['DELIVERED arrives inside the grace', { rcs: 'offline', deliverWhileRevoking: { deliveredAfter: '300ms' } }],
      [
        'the DELETE is answered 200',
        { rcs: 'offline', deliverWhileRevoking: { answer: 200, deliveredAfter: '300ms' } },
      ],
      [
        'the DELETE is answered 404',
        { rcs: 'offline', deliverWhileRevoking: { answer: 404, deliveredAfter: '300ms' } },
      ],
      ['the answer to the DELETE is lost', { deliverAfter: '1s', delete: 'reset', events: { deliveredDelay: '11s' } }],
      ['delivered before the DELETE, reported after it', { deliverAfter: '1s', events: { deliveredDelay: '11s' } }],
    ])('%s: DELIVERED and no SMS', async (_title, behaviour) => {
      // Room for a busy machine on both sides of the event, which comes 7 s after the expiry.
      const delivery = await start(behaviour, { revocation: { grace: '15s', budget: '40s' } });

      const result = await delivery.ended();

      expect(result).toMatchObject({ outcome: 'DELIVERED', duplicate: false });
      expect(delivery.truth).toMatchObject({ rcs: 1, smsRequests: [] });
      expect(delivery.truth.deletes.length).toBeGreaterThan(0);
    });

    test('DELIVERED after the SMS request is recorded as a duplicate', async () => {
      const delivery = await start({
        rcs: 'offline',
        deliverWhileRevoking: { answer: 200, deliveredAfter: '4s' },
        smsReceiptDelay: '8s',
      });

      const result = await delivery.ended();

      expect(result).toMatchObject({ outcome: 'DELIVERED', channel: 'RCS', duplicate: true });
      expectTruthful({ result, truth: delivery.truth });
    });
  });

  describe.concurrent('a DELETE that fails and then succeeds', () => {
    test.each<[string, Delete]>([
      ['503', [503, 'ok']],
      ['429', [429, 'ok']],
      ['429 with Retry-After', [{ status: 429, retryAfter: 1 }, 'ok']],
      ['401', [401, 'ok']],
      ['403', [403, 'ok']],
      ['400', [400, 'ok']],
      ['404, wrongly', [404, 'ok']],
      ['an HTML page', ['html502', 'ok']],
      ['a reset', ['reset', 'ok']],
      ['silence', ['hang', 'ok']],
      ['revoked, but the answer lost', ['revokeThenReset', 'ok']],
      ['revoked, but no answer', ['revokeThenHang', 'ok']],
      ['an answer that breaks off', ['truncated']],
    ])('%s: the SMS follows in time', async (_title, answers) => {
      // The wait ends when a DELETE succeeds, so this long budget delays nothing. It covers a busy machine.
      const revocation = { grace: '1s', budget: '20s', deadMansSwitch: '25s' };
      const delivery = await start({ rcs: 'offline', delete: answers }, { revocation });

      const result = await delivery.ended();

      const { truth } = delivery;
      expect(result).toMatchObject({ outcome: 'DELIVERED_BY_SMS', duplicate: false });
      expect(truth).toMatchObject({ rcs: 0, sms: 1, revokedBy: 'delete' });
      expectSmsBy(Date.parse(result.expireTime) + 20_000, truth, result);
    });
  });

  const never: [string, Delete][] = [
    ['503', 503],
    ['429', 429],
    ['401', 401],
    ['404', 404],
    ['HTML pages', 'html502'],
    ['resets', 'reset'],
    ['silence', 'hang'],
    ['silence for longer than any limit', { delay: '40s' }],
  ];
  describe.concurrent('a DELETE that never succeeds', () => {
    test.each(never)('%s, whenUncertain send: the SMS at the end of the budget', async (_title, answers) => {
      const behaviour = { rcs: 'offline', delete: answers, smsReceiptDelay: 0 } as const;
      const delivery = await start(behaviour, { revocation: DROPPED_SOON });

      const result = await delivery.ended();

      const { truth } = delivery;
      const expiry = Date.parse(result.expireTime);
      expect(Date.parse(result.sms?.deadline ?? '')).toBe(expiry + 4_000);
      expect(truth.sms).toBe(1);
      expect(truth.firstDeleteAt).toBeLessThan(truth.smsRequestedAt ?? 0);
      expect(truth.smsRequestedAt).toBeGreaterThanOrEqual(expiry + 4_000);
      expectSmsBy(expiry + 4_000, truth, result);
    });

    test.each(never)('%s, whenUncertain hold: no SMS, and UNCERTAIN', async (_title, answers) => {
      const delivery = await start({ rcs: 'offline', delete: answers }, { ...HOLD, ...BRIEFLY });

      const result = await delivery.ended();

      expect(result).toMatchObject({ outcome: 'UNCERTAIN', channel: null });
      expect(delivery.truth.smsRequests).toEqual([]);
      expect(Date.parse(result.settledTime)).toBeGreaterThanOrEqual(Date.parse(result.expireTime) + 4_000);
    });

    test('a promotion is held by default, and without a fallback the outcome is UNCERTAIN', async () => {
      const behaviour = { rcs: 'offline', delete: 503 } as const;
      const promotion = await start(behaviour, { ...BRIEFLY, messageTrafficType: 'PROMOTION' });
      const without = await start(behaviour, { ...BRIEFLY, fallback: undefined });

      expect(await promotion.ended()).toMatchObject({ outcome: 'UNCERTAIN' });
      expect(await without.ended()).toMatchObject({ outcome: 'UNCERTAIN' });
      expect(promotion.truth.smsRequests).toEqual([]);
    });

    test('hold: a DELETE that succeeds late releases the SMS, and a late DELIVERED settles the delivery', async () => {
      const revocation = { grace: '1s', budget: '1s', holdTimeout: '30s' };
      const revoked = await start({ rcs: 'offline', delete: [503, 503, 503, 'ok'] }, { ...HOLD, revocation });
      const shown = await start(
        { deliverAfter: '1s', delete: 503, events: { deliveredDelay: '8s' } },
        { ...HOLD, revocation },
      );

      expect(await revoked.ended()).toMatchObject({ outcome: 'DELIVERED_BY_SMS' });
      expect(revoked.truth).toMatchObject({ rcs: 0, sms: 1, revokedBy: 'delete' });
      expect(await shown.ended()).toMatchObject({ outcome: 'DELIVERED', duplicate: false });
      expect(shown.truth.smsRequests).toEqual([]);
    });

    test('delivered but never reported, send: the SMS is sent all the same', async () => {
      const delivery = await start('deliveredUnreported', { revocation: DROPPED_SOON });

      expect(await delivery.ended()).toMatchObject({ outcome: 'DELIVERED_BY_SMS' });
      expect(delivery.truth).toMatchObject({ rcs: 1, sms: 1 });
    });

    test('delivered but never reported, hold: no SMS if the DELETE shows that it was not revoked', async () => {
      const delivery = await start('deliveredUnreported', { ...HOLD, ...BRIEFLY });

      const { outcome } = await delivery.ended();

      // Under `old` the answer is 200, as for a revoked message, so the delivery cannot know.
      expect(outcome).toBe(deleteReading === 'new' ? 'UNCERTAIN' : 'DELIVERED_BY_SMS');
    });
  });

  describe.concurrent('strategy platform', () => {
    test('RBM gets the delivery’s own expiry, and TTL_EXPIRATION_REVOKED replaces the DELETE', async () => {
      const delivery = await start('offline', PLATFORM);

      const result = await delivery.ended();

      const { truth } = delivery;
      expect(result).toMatchObject({ outcome: 'DELIVERED_BY_SMS' });
      expect(truth).toMatchObject({ rcs: 0, sms: 1, deletes: [], revokedBy: 'expiry' });
      expect(truth.expireTime).toBe(Date.parse(result.expireTime));
      expect(truth.smsRequestedAt).toBeGreaterThanOrEqual(Date.parse(result.expireTime) + 1_000);
    });

    test('no TTL event: a DELETE after ttlEventTimeout', async () => {
      const delivery = await start('noTtlEvent', PLATFORM);

      const result = await delivery.ended();
      const expiry = Date.parse(result.expireTime);

      expect(delivery.truth).toMatchObject({ rcs: 0, sms: 1, revokedBy: 'expiry' });
      expect(delivery.truth.firstDeleteAt).toBeGreaterThanOrEqual(expiry + 2_000);
      expectSmsBy(expiry + 6_000, delivery.truth, result);
    });

    test.each<[string, Behaviour]>([
      ['TTL_EXPIRATION_REVOKE_FAILED', 'ttlExpirationRevokeFailed'],
      ['a TTL event of an unknown kind', { rcs: 'offline', events: { ttlEvent: 'unknown' } }],
    ])('%s is inconclusive: a DELETE before the SMS', async (_title, behaviour) => {
      const delivery = await start(behaviour, PLATFORM);

      const result = await delivery.ended();
      const expiry = Date.parse(result.expireTime);

      const { truth } = delivery;
      expect(truth).toMatchObject({ rcs: 0, sms: 1 });
      expect(truth.firstDeleteAt).toBeLessThan(truth.smsRequestedAt ?? 0);
      expectSmsBy(expiry + 6_000, truth, result);
    });

    test.each<[string, Behaviour]>([
      [
        'REVOKE_FAILED',
        { rcs: 'offline', atExpiry: 'deliver', events: { ttlEvent: 'revokeFailed', deliveredDelay: '1s' } },
      ],
      ['REVOKED', { deliverAfter: '1s', events: { ttlEvent: 'afterDelivered', deliveredDelay: '3s' } }],
      [
        'an unknown kind',
        { rcs: 'offline', atExpiry: 'deliver', events: { ttlEvent: 'unknown', deliveredDelay: '1s' } },
      ],
    ])('%s, then DELIVERED: delivered wins', async (_title, behaviour) => {
      // The wait ends with DELIVERED, so these long times delay nothing. They cover a busy machine.
      const revocation = { ...PLATFORM.revocation, grace: '10s', budget: '30s' };
      // The phone must have the message before it expires, even if the create is late.
      const delivery = await start(behaviour, { revocation, ttl: '6s' });

      expect(await delivery.ended()).toMatchObject({ outcome: 'DELIVERED', duplicate: false });
      expect(delivery.truth).toMatchObject({ rcs: 1, smsRequests: [] });
    });

    test('neither a TTL event nor an answer to the DELETE: the SMS at the end of the budget', async () => {
      const delivery = await start({ rcs: 'offline', delete: 'hang', events: { ttlEvent: 'none' } }, PLATFORM);

      const result = await delivery.ended();
      const expiry = Date.parse(result.expireTime);

      expectSmsBy(expiry + 6_000, delivery.truth, result);
    });
  });

  describe.concurrent('TTL events under strategy agent', () => {
    test('they may come after the DELETE, and twice', async () => {
      const behaviour = { rcs: 'offline', events: { ttlEventAfterDelete: true }, smsReceiptDelay: '3s' } as const;
      const revocation = { grace: '1s', budget: '4s', deadMansSwitch: '1s' };
      const delivery = await start(behaviour, { revocation });

      expect(await delivery.ended()).toMatchObject({ outcome: 'DELIVERED_BY_SMS', duplicate: false });
      expect(delivery.truth).toMatchObject({ rcs: 0, sms: 1 });
    });

    test('RBM revokes before the expiry: the SMS after the grace, without a DELETE', async () => {
      const delivery = await start('offline', { ttl: '600s' });
      await delivery.inPhase('AWAITING_DELIVERY');
      const { phone: phoneNumber, messageId } = delivery;
      const posted = Date.now();

      for (const eventId of ['e1', 'e1', 'e2']) {
        const event = { phoneNumber, agentId: 'acme-agent@rbm.goog', messageId, eventId };
        stack().simulator.postEvent({ ...event, eventType: 'TTL_EXPIRATION_REVOKED' });
      }

      expect(await delivery.ended()).toMatchObject({ outcome: 'DELIVERED_BY_SMS' });
      expect(delivery.truth).toMatchObject({ deletes: [], sms: 1 });
      expect(delivery.truth.smsRequestedAt).toBeGreaterThanOrEqual(posted + 1_000);
    });

    test('REVOKED and REVOKE_FAILED contradict each other: a DELETE decides', async () => {
      const delivery = await start('offline', { ttl: '600s' });
      await delivery.inPhase('AWAITING_DELIVERY');
      const event = { phoneNumber: delivery.phone, agentId: 'acme-agent@rbm.goog', messageId: delivery.messageId };

      stack().simulator.postEvent({ ...event, eventId: 'e1', eventType: 'TTL_EXPIRATION_REVOKED' });
      stack().simulator.postEvent({ ...event, eventId: 'e2', eventType: 'TTL_EXPIRATION_REVOKE_FAILED' });

      expect(await delivery.ended()).toMatchObject({ outcome: 'DELIVERED_BY_SMS' });
      expect(delivery.truth).toMatchObject({ rcs: 0, sms: 1, revokedBy: 'delete' });
    });
  });
}
