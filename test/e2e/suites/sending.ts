import { describe, expect, test } from 'vitest';
import type { PhoneBehaviourInput } from '../../../dev/simulator/phone-behaviour.js';
import { DROPPED_SOON, deliver, expectSmsBy, type TestDelivery } from '../support/deliver.js';
import { expectTruthful } from '../support/guarantees.js';
import { stack } from '../support/one-stack.js';

type Create = NonNullable<PhoneBehaviourInput['create']>;

/** The time from the answer to the first create call until the second call. Milliseconds. */
function pause({ truth: { creates } }: TestDelivery): number {
  const [first, second] = creates;
  return (second?.at ?? NaN) - (first?.answeredAt ?? NaN);
}

describe.concurrent('a create call that fails and then succeeds: DELIVERED, without a DELETE or an SMS', () => {
  test.each<[string, Create]>([
    ['503', [503, 'ok']],
    ['500 three times', [500, 500, 500, 'ok']],
    ['429', [429, 'ok']],
    ['403', [403, 403, 'ok']],
    ['401', [401, 'ok']],
    ['an HTML page of a front end', ['html502', 'ok']],
    ['a reset', ['reset', 'ok']],
    ['silence', ['hang', 'ok']],
    ['an unknown status', [418, 'ok']],
    ['409 after it was accepted', [409]],
    ['an answer that breaks off', ['truncated']],
    ['an answer that is lost', ['acceptThenReset', 'ok']],
    ['an answer that never comes', ['acceptThenHang', 'ok']],
  ])('%s', async (_title, create) => {
    const behaviour = { deliverAfter: '300ms', create };
    const delivery = await deliver(stack(), { behaviour, input: { ttl: '40s' } });

    const result = await delivery.ended();

    expect(result).toMatchObject({ outcome: 'DELIVERED', duplicate: false });
    expect(delivery.truth).toMatchObject({ rcs: 1, deletes: [], smsRequests: [] });
  });

  test('429 with Retry-After: the next call waits that long', async () => {
    const create: Create = [{ status: 429, retryAfter: 4 }, 'ok'];
    const delivery = await deliver(stack(), { behaviour: { create }, input: { ttl: '40s' } });

    expect(await delivery.ended()).toMatchObject({ outcome: 'DELIVERED' });
    expect(pause(delivery)).toBeGreaterThanOrEqual(4_000);
  });

  test('503 with Retry-After as a date: the next call waits until then', async () => {
    const retryAfter = new Date(Date.now() + 6_000).toUTCString();
    const create: Create = [{ status: 503, retryAfter }, 'ok'];
    const delivery = await deliver(stack(), { behaviour: { create }, input: { ttl: '40s' } });

    expect(await delivery.ended()).toMatchObject({ outcome: 'DELIVERED' });
    expect(delivery.truth.creates[1]?.at).toBeGreaterThanOrEqual(Date.parse(retryAfter) - 1_000);
  });

  test('401: the next call carries a new token', async () => {
    const before = stack().simulator.tokenCalls.length;
    const delivery = await deliver(stack(), { behaviour: { create: [401, 'ok'] }, input: { ttl: '40s' } });

    await delivery.ended();

    expect(stack().simulator.tokenCalls.length).toBeGreaterThan(before);
    expect(delivery.truth.creates).toMatchObject([{ answer: 401 }, { answer: 200 }]);
  });
});

describe.concurrent('RBM certainly did not accept the create call: an SMS without a DELETE', () => {
  test.each([
    ['404', 404, 1],
    ['400', 400, 1],
    ['403, after its few retries', 403, 4],
  ])('%s', async (_title, status, calls) => {
    const delivery = await deliver(stack(), { behaviour: { create: status }, input: { ttl: '600s' } });

    expect(await delivery.ended()).toMatchObject({ outcome: 'DELIVERED_BY_SMS', duplicate: false });
    expect(delivery.truth).toMatchObject({ rcs: 0, sms: 1, deletes: [] });
    expect(delivery.truth.creates).toHaveLength(calls);
  });

  test('429 until the expiry', async () => {
    // Nothing is to be revoked, so this long budget must delay nothing.
    const input = { ttl: '4s', revocation: { grace: '1s', budget: '40s' } };
    const delivery = await deliver(stack(), { behaviour: { create: 429 }, input });

    const result = await delivery.ended();

    expect(result).toMatchObject({ outcome: 'DELIVERED_BY_SMS' });
    expect(delivery.truth).toMatchObject({ deletes: [], sms: 1 });
    expect(delivery.truth.smsRequestedAt).toBeGreaterThanOrEqual(Date.parse(result.expireTime));
    expectSmsBy(Date.parse(result.expireTime), delivery.truth, result);
  });
});

describe.concurrent('RBM may have accepted the create call: a DELETE before any SMS', () => {
  test.each<[string, Create]>([
    ['silence until the expiry', 'hang'],
    ['silence until the expiry, but accepted', 'acceptThenHang'],
    ['resets until the expiry', 'reset'],
    ['resets until the expiry, but accepted', 'acceptThenReset'],
    ['503 until the expiry', 503],
    ['HTML pages until the expiry', 'html502'],
  ])('%s', async (_title, create) => {
    const delivery = await deliver(stack(), {
      behaviour: { rcs: 'offline', create },
      input: { ttl: '4s', revocation: DROPPED_SOON },
    });

    const result = await delivery.ended();

    expectTruthful({ result, truth: delivery.truth });
    expect(result).toMatchObject({ outcome: 'DELIVERED_BY_SMS' });
    const { truth } = delivery;
    expect(truth).toMatchObject({ rcs: 0, sms: 1 });
    expect(truth.firstDeleteAt).toBeLessThan(truth.smsRequestedAt ?? 0);
    expectSmsBy(Date.parse(result.expireTime) + 4_000, truth, result);
  });

  test('a later call is refused, but the first may have been accepted: revoked at once', async () => {
    const behaviour: PhoneBehaviourInput = { rcs: 'offline', create: ['acceptThenReset', 400] };
    const delivery = await deliver(stack(), { behaviour, input: { ttl: '600s' } });

    expect(await delivery.ended()).toMatchObject({ outcome: 'DELIVERED_BY_SMS' });
    expect(delivery.truth).toMatchObject({ rcs: 0, revokedBy: 'delete', sms: 1 });
  });

  test('accepted, answer lost, delivered late: no SMS', async () => {
    const behaviour = { deliverAfter: '3s', create: 'acceptThenHang' } as const;
    const delivery = await deliver(stack(), { behaviour, input: { ttl: '8s' } });

    expect(await delivery.ended()).toMatchObject({ outcome: 'DELIVERED', duplicate: false });
    expect(delivery.truth).toMatchObject({ rcs: 1, smsRequests: [] });
  });
});

test('the token is no longer valid at the expiry: the DELETE gets a new one', async () => {
  const deliveries = await Promise.all([1, 2, 3].map(() => deliver(stack(), { behaviour: 'offline' })));
  await Promise.all(deliveries.map((delivery) => delivery.inPhase('AWAITING_DELIVERY')));
  const before = stack().simulator.tokenCalls.length;

  stack().simulator.expireTokens();

  for (const delivery of deliveries) {
    expect(await delivery.ended()).toMatchObject({ outcome: 'DELIVERED_BY_SMS' });
    expect(delivery.truth).toMatchObject({ rcs: 0, sms: 1, revokedBy: 'delete' });
  }
  expect(stack().simulator.tokenCalls.length).toBeGreaterThan(before);
});

test('the token endpoint is down for a while: the delivery still succeeds', async () => {
  const { simulator } = stack();
  simulator.scriptTokenEndpoint([503, 'reset', 'ok']);
  simulator.expireTokens();

  const delivery = await deliver(stack(), { behaviour: 'delivers', input: { ttl: '60s' } });

  expect(await delivery.ended()).toMatchObject({ outcome: 'DELIVERED' });
  expect(delivery.truth.creates.filter(({ answer }) => answer === 200)).toHaveLength(1);
});
