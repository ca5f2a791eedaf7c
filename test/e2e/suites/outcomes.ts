import { randomUUID } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { WorkflowExecutionAlreadyStartedError } from '@temporalio/client';
import { deliver } from '../support/deliver.js';
import { expectTruthful } from '../support/guarantees.js';
import { stack } from '../support/one-stack.js';

/** For a delivery that an event ends: a busy machine does not let it expire first. */
const IN_TIME = { ttl: '60s' };

describe.concurrent('the outcome of a delivery', () => {
  test('delivered at once: no DELETE and no SMS', async () => {
    const delivery = await deliver(stack(), { behaviour: 'delivers', input: IN_TIME });

    const result = await delivery.ended();

    expect(result).toMatchObject({ outcome: 'DELIVERED', channel: 'RCS', duplicate: false });
    expect(result.sms).toBeUndefined();
    expect(delivery.truth).toMatchObject({ rcs: 1, deletes: [], smsRequests: [] });
    expect(delivery.truth.creates).toHaveLength(1);
  });

  test('delivered after a while, before the expiry: no DELETE and no SMS', async () => {
    const behaviour = { deliverAfter: '6s' };
    const delivery = await deliver(stack(), { behaviour, input: { ttl: '20s' } });

    expect(await delivery.ended()).toMatchObject({ outcome: 'DELIVERED' });
    expect(delivery.truth).toMatchObject({ rcs: 1, deletes: [], smsRequests: [] });
  });

  test('phone offline: DELETE at the expiry, SMS after the grace, and the receipt settles the delivery', async () => {
    const started = Date.now();
    const delivery = await deliver(stack(), { behaviour: 'offline' });

    const result = await delivery.ended();

    expect(result).toMatchObject({ outcome: 'DELIVERED_BY_SMS', channel: 'SMS', sms: { receipt: 'DELIVERED' } });
    const { truth } = delivery;
    expectTruthful({ result, truth });
    expect(Date.parse(result.expireTime)).toBeGreaterThanOrEqual(started + 3_000);
    expect(truth.deletes).toMatchObject([{ answer: 200, tookEffect: true }]);
    expect(truth.smsRequestedAt).toBeGreaterThanOrEqual((truth.deletes[0]?.answeredAt ?? Infinity) + 1_000);
    // The dead man's switch: RBM's expireTime is 60 s after the delivery's, by default.
    expect(truth.expireTime).toBe(Date.parse(result.expireTime) + 60_000);
  });

  test('RBM answers 404 (not reachable by RCS): the SMS at once, and no DELETE', async () => {
    const delivery = await deliver(stack(), { behaviour: 'notRcs', input: { ttl: '600s' } });

    expect(await delivery.ended()).toMatchObject({ outcome: 'DELIVERED_BY_SMS', duplicate: false });
    expect(delivery.truth).toMatchObject({ sms: 1, deletes: [], creates: [{ answer: 404 }] });
  });

  test('RBM answers 404 and there is no fallback: UNDELIVERABLE', async () => {
    const delivery = await deliver(stack(), { behaviour: 'notRcs', input: { ttl: '600s', fallback: undefined } });

    expect(await delivery.ended()).toMatchObject({ outcome: 'UNDELIVERABLE', channel: null });
    expect(delivery.truth).toMatchObject({ deletes: [], smsRequests: [] });
  });

  test('phone offline and no fallback: REVOKED', async () => {
    const delivery = await deliver(stack(), { behaviour: 'offline', input: { fallback: undefined } });

    expect(await delivery.ended()).toMatchObject({ outcome: 'REVOKED', channel: null });
    expect(delivery.truth).toMatchObject({ rcs: 0, smsRequests: [], revokedBy: 'delete' });
  });

  test('the input may give an expireTime instead of a ttl', async () => {
    const expireTime = new Date(Date.now() + 15_000).toISOString();
    const delivery = await deliver(stack(), { behaviour: 'offline', input: { expireTime } });

    expect(await delivery.ended()).toMatchObject({ outcome: 'DELIVERED_BY_SMS', expireTime });
  });

  test('started twice: one delivery and one create call', async () => {
    const messageId = randomUUID();
    const input = { messageId, ttl: '20s' };
    const delivery = await deliver(stack(), { behaviour: 'offline', input });

    await expect(deliver(stack(), { behaviour: 'offline', input })).rejects.toThrow(
      WorkflowExecutionAlreadyStartedError,
    );
    const again = await stack().client.workflow.start('messageDelivery', {
      taskQueue: 'message-delivery',
      workflowId: delivery.handle.workflowId,
      workflowIdConflictPolicy: 'USE_EXISTING',
      args: [delivery.input],
    });

    expect(await again.result()).toEqual(await delivery.ended());
    expect(delivery.truth.creates).toHaveLength(1);
  });

  test('RBM gets the message unchanged', async () => {
    const contentMessage = {
      text: 'Your code is 482913',
      suggestions: [{ reply: { text: 'OK', postbackData: 'ok' } }],
    };
    const delivery = await deliver(stack(), { behaviour: 'delivers', input: { ...IN_TIME, contentMessage } });

    await delivery.ended();

    expect(stack().simulator.groundTruth(delivery.phone)).toMatchObject([
      { channel: 'RCS', messageId: delivery.messageId, text: contentMessage.text },
    ]);
  });
});

describe.concurrent('what proves delivery', () => {
  test.each([
    ['a READ without a DELIVERED', { delivered: 'never', read: true }],
    ['a READ before the DELIVERED', { read: true, readBeforeDelivered: true }],
    ['a DELIVERED that comes twice', { delivered: 'twice', read: true }],
    ['a DELIVERED between events of other kinds', { typing: true, unknownEvent: true }],
  ] as const)('%s', async (_title, events) => {
    const delivery = await deliver(stack(), { behaviour: { events }, input: IN_TIME });

    expect(await delivery.ended()).toMatchObject({ outcome: 'DELIVERED', duplicate: false });
    expect(delivery.truth).toMatchObject({ rcs: 1, deletes: [], smsRequests: [] });
  });

  test('a tapped suggestion whose postbackData names the message', async () => {
    const messageId = randomUUID();
    const reply = { text: 'OK', postbackData: `ok ${messageId}` };
    const behaviour = { events: { delivered: 'never', reply } } as const;
    const delivery = await deliver(stack(), { behaviour, input: { ...IN_TIME, messageId } });

    expect(await delivery.ended()).toMatchObject({ outcome: 'DELIVERED' });
  });

  test('an event as in some of RBM’s samples: no sendTime, no eventId, messageId in upper case', async () => {
    const delivery = await deliver(stack(), { behaviour: { events: { delivered: 'never' } }, input: IN_TIME });
    await delivery.inPhase('AWAITING_DELIVERY');

    stack().simulator.postEvent({
      senderPhoneNumber: delivery.phone,
      agentId: 'acme-agent@rbm.goog',
      eventType: 'DELIVERED',
      messageId: delivery.messageId.toUpperCase(),
    });

    expect(await delivery.ended()).toMatchObject({ outcome: 'DELIVERED' });
  });

  test('a signal sent by hand, as from the Web UI', async () => {
    const delivery = await deliver(stack(), { behaviour: 'offline', input: { ttl: '600s' } });

    await delivery.handle.signal('delivered', { eventId: 'by hand', sendTime: '2026-01-02T03:04:05Z' });

    expect(await delivery.ended()).toMatchObject({ outcome: 'DELIVERED' });
  });

  test('no proof: an event of another agent, a message of the user, a malformed signal', async () => {
    const delivery = await deliver(stack(), { behaviour: 'offline' });
    const { simulator } = stack();
    const { messageId, phone: senderPhoneNumber, handle } = delivery;
    const sendTime = new Date().toISOString();

    simulator.postEvent({ senderPhoneNumber, agentId: 'other@rbm.goog', eventType: 'DELIVERED', messageId, sendTime });
    simulator.postEvent({ senderPhoneNumber, agentId: 'acme-agent@rbm.goog', messageId, text: 'Hello', sendTime });
    for (const payload of [undefined, null, 'yes', {}, { eventId: 7, sendTime }, { eventId: '', sendTime: '' }]) {
      await handle.signal('delivered', payload);
    }
    await handle.signal('exploded', { eventId: 'x', sendTime });

    expect(await delivery.ended()).toMatchObject({ outcome: 'DELIVERED_BY_SMS', duplicate: false });
  });
});

describe.concurrent('an event that comes early', () => {
  test('DELIVERED before the create call has answered', async () => {
    const behaviour = { create: { delay: '2s', effectDelay: 0 } } as const;
    const delivery = await deliver(stack(), { behaviour, input: { ttl: '30s' } });

    expect(await delivery.ended()).toMatchObject({ outcome: 'DELIVERED' });
    expect(delivery.truth).toMatchObject({ rcs: 1, deletes: [], smsRequests: [] });
  });
});
