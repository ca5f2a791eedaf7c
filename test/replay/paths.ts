import type { WorkflowHandle } from '@temporalio/client';
import { defineSearchAttributeKey, TypedSearchAttributes } from '@temporalio/common';
import { SEARCH_ATTRIBUTES } from '../../src/contract/search-attributes.js';
import { changeExpiryUpdate, revokeNowUpdate } from '../../src/contract/messages.js';
import { event, failure, type Rig, type TestDelivery } from '../workflows/rig.js';

const sms = { sms: { text: 'Your code is 482913' } };
const short = { ttl: '10s', fallback: sms };
const promotion = { ...short, messageTrafficType: 'PROMOTION' as const, revocation: { holdTimeout: '60s' } };

async function settled(delivery: TestDelivery): Promise<WorkflowHandle> {
  await delivery.handle.result().catch(() => undefined);
  return delivery.handle;
}

const EXPIRES = new Date('2026-01-02T03:04:05Z');
const ATTRIBUTES = [
  { key: defineSearchAttributeKey('DeliveryStatus', SEARCH_ATTRIBUTES.DeliveryStatus), value: 'AWAITING_DELIVERY' },
  { key: defineSearchAttributeKey('ExpireTime', SEARCH_ATTRIBUTES.ExpireTime), value: EXPIRES },
  { key: defineSearchAttributeKey('IsDuplicate', SEARCH_ATTRIBUTES.IsDuplicate), value: false },
] as const;

/** The expiry is moved, the last phase is long, and both messages arrive: each changes a search attribute. */
async function findable(rig: Rig, options: { readonly memo?: Record<string, unknown> }): Promise<WorkflowHandle> {
  const typedSearchAttributes = new TypedSearchAttributes([...ATTRIBUTES]);
  const delivery = await rig.start({ fallback: sms }, {}, { typedSearchAttributes, ...options });
  await waiting(delivery);
  const expireTime = new Date((await rig.env.currentTimeMs()) + 20_000).toISOString();
  await delivery.handle.executeUpdate(changeExpiryUpdate, { args: [{ expireTime }] });
  await rig.env.sleep(27_000);
  await delivery.until(({ phase }) => phase === 'AWAITING_SMS_RECEIPT');
  await delivery.signal('delivered');
  return settled(delivery);
}

const waiting = (delivery: TestDelivery) => delivery.until(({ phase }) => phase === 'AWAITING_DELIVERY');

/** One delivery for each path through the workflow: the name of its history, and how it comes about. */
export const PATHS: Record<string, (rig: Rig) => Promise<WorkflowHandle>> = {
  delivered: async (rig) => {
    const delivery = await rig.start({ fallback: sms });
    await waiting(delivery);
    await delivery.signal('delivered');
    return settled(delivery);
  },
  'delivered-in-the-grace': async (rig) => {
    const delivery = await rig.start(short);
    await rig.env.sleep(11_000);
    await delivery.until(({ phase }) => phase === 'CONFIRMING_REVOCATION');
    await delivery.signal('delivered');
    return settled(delivery);
  },
  revoked: async (rig) => settled(await rig.start({ ttl: '10s' })),
  'sms-with-receipt': async (rig) => {
    const delivery = await rig.start(short);
    await rig.env.sleep(17_000);
    await delivery.until(({ phase }) => phase === 'AWAITING_SMS_RECEIPT');
    await delivery.signal('smsStatus', { ...event(), status: 'DELIVERED' });
    return settled(delivery);
  },
  'sms-undelivered': async (rig) => {
    const delivery = await rig.start(short);
    await rig.env.sleep(17_000);
    await delivery.until(({ phase }) => phase === 'AWAITING_SMS_RECEIPT');
    await delivery.signal('smsStatus', { ...event(), status: 'UNDELIVERED' });
    return settled(delivery);
  },
  'sms-without-receipt': async (rig) => settled(await rig.start(short)),
  unreachable: async (rig) => {
    const unreachable = () => Promise.reject(failure('RbmNotFound', { mayBeQueued: false }, true));
    return settled(await rig.start(short, { sendRcs: unreachable }));
  },
  'create-retried': async (rig) => {
    let attempts = 0;
    const flaky = () => {
      attempts += 1;
      const unavailable = failure('RbmUnavailable', { mayBeQueued: true });
      return attempts < 3 ? Promise.reject(unavailable) : Promise.resolve({ acceptedEarlier: true });
    };
    return settled(await rig.start(short, { sendRcs: flaky }));
  },
  'revoke-unanswered': async (rig) =>
    settled(await rig.start(short, { revokeRcs: () => Promise.reject(failure('RbmUnanswered')) })),
  uncertain: async (rig) =>
    settled(await rig.start(promotion, { revokeRcs: () => Promise.reject(failure('RbmNotFound', {}, true)) })),
  'platform-revoked': async (rig) => {
    const delivery = await rig.start({ ...short, revocation: { strategy: 'platform' } });
    await rig.env.sleep(11_000);
    await delivery.signal('ttlExpirationRevoked');
    return settled(delivery);
  },
  cancelled: async (rig) => {
    const delivery = await rig.start({ fallback: sms });
    await waiting(delivery);
    await delivery.handle.cancel();
    return settled(delivery);
  },
  'cancelled-before-the-first-task': async (rig) => {
    const delivery = await rig.start({ fallback: sms }, {}, { startDelay: '60s' });
    await delivery.handle.cancel();
    return settled(delivery);
  },
  'delivered-before-the-first-task': async (rig) => settled(await rig.startWith('delivered')),
  'revoke-now': async (rig) => {
    const delivery = await rig.start({ fallback: sms });
    await waiting(delivery);
    await delivery.handle.executeUpdate(revokeNowUpdate, { args: [{ reason: 'wrong code', fallback: 'sms' }] });
    return settled(delivery);
  },
  'expiry-changed': async (rig) => {
    const delivery = await rig.start({ fallback: sms });
    await waiting(delivery);
    const expireTime = new Date((await rig.env.currentTimeMs()) + 20_000).toISOString();
    await delivery.handle.executeUpdate(changeExpiryUpdate, { args: [{ expireTime }] });
    return settled(delivery);
  },
  'expiry-changed-while-sending': async (rig) => {
    let wanted = '';
    const delivery = await rig.start(
      { fallback: sms },
      {
        sendRcs: ({ expireTime }) => {
          const isMoved = Date.parse(expireTime) === Date.parse(wanted) + 60_000;
          const unavailable = failure('RbmUnavailable', { mayBeQueued: true });
          return isMoved ? Promise.resolve({ acceptedEarlier: false }) : Promise.reject(unavailable);
        },
      },
    );
    await delivery.until(({ timeline }) => timeline.filter(({ event: name }) => name === 'sendStarted').length === 2);
    wanted = new Date((await rig.env.currentTimeMs()) + 20_000).toISOString();
    await delivery.handle.executeUpdate(changeExpiryUpdate, { args: [{ expireTime: wanted }] });
    return settled(delivery);
  },
  'sms-reconciled': async (rig) =>
    settled(
      await rig.start(short, {
        sendSms: () => Promise.reject(failure('SmsUnanswered')),
        reconcileSms: () => Promise.resolve({ found: 'yes', provider: 'twilio', providerMessageId: 'SM1' }),
      }),
    ),
  'duplicate-owned-up-to': async (rig) => {
    const delivery = await rig.start(short);
    await rig.env.sleep(17_000);
    await delivery.until(({ phase }) => phase === 'AWAITING_SMS_RECEIPT');
    await delivery.signal('delivered');
    return settled(delivery);
  },
  'kept-in-the-index': async (rig) =>
    findable(rig, { memo: { searchAttributes: ATTRIBUTES.map(({ key }) => key.name) } }),
  'kept-in-the-index-for-another-starter': async (rig) => findable(rig, {}),
  'not-accepted-in-time': async (rig) => {
    const busy = () => Promise.reject(failure('RbmResourceExhausted', { mayBeQueued: false }));
    return settled(await rig.start({ ttl: '3600s', fallback: sms }, { sendRcs: busy }));
  },
  'opted-out-before-the-create': async (rig) => {
    const optedOut = () => Promise.reject(failure('OptedOut', { mayBeQueued: false }, true));
    return settled(await rig.start(promotion, { sendRcs: optedOut }));
  },
  'opted-out-in-flight': async (rig) => {
    const delivery = await rig.start(promotion);
    await waiting(delivery);
    await delivery.signal('optedOut', { source: 'rbm', sendTime: '2026-01-02T03:04:05Z' });
    return settled(delivery);
  },
  'delivered-to-another-number': async (rig) => {
    const delivery = await rig.start(short);
    await waiting(delivery);
    await delivery.signal('delivered', { ...event(), from: '+15550100002' });
    return settled(delivery);
  },
  'sms-by-the-second-provider': async (rig) => {
    const details = { provider: 'first', smsReason: 'account', otherProvider: true } as const;
    const second = { provider: 'second', providerMessageId: '2' };
    return settled(
      await rig.start(short, {
        sendSms: ({ notBy }) =>
          notBy === undefined ? Promise.reject(failure('SmsNotSent', details)) : Promise.resolve(second),
      }),
    );
  },
  'sms-of-no-use-any-more': async (rig) => {
    const down = () => Promise.reject(failure('SmsNotSent', { provider: 'first', smsReason: 'unreachable' }));
    const fallback = { sms: { ...sms.sms, validity: '30s' } };
    return settled(await rig.start({ ...short, fallback }, { sendSms: down }));
  },
  'revoked-beside-the-sms': async (rig) => {
    let deletes = 0;
    const atLast = () => {
      deletes += 1;
      return deletes < 6 ? Promise.reject(failure('RbmUnavailable')) : Promise.resolve();
    };
    return settled(await rig.start(short, { revokeRcs: atLast }));
  },
  'invalid-input': async (rig) => settled(await rig.start({ ttl: '5m' })),
  // The last one: on the test server its notifications go on, and no time is skipped after it.
  'told-of-each-phase': async (rig) => {
    const notify = { url: 'https://hooks.example.com/rcs', phases: true };
    return settled(await rig.start({ ...short, notify }));
  },
};
