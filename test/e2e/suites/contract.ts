import { randomUUID } from 'node:crypto';
import { WorkflowFailedError, WorkflowUpdateFailedError } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import { afterAll, describe, expect, test } from 'vitest';
import type { DeliveryStatus } from '../../../src/contract/status.js';
import { createReplayer } from '../../support/replayer.js';
import { builtWorkflows } from '../../support/workflow-bundle.js';
import { deliver, inputFor, newPhone } from '../support/deliver.js';
import { runProgram } from '../support/run-program.js';
import { stack } from '../support/one-stack.js';

/** Starts a delivery with this input and returns its failure. Throws if it does not fail. */
async function failureOf(input: unknown, workflowId = `message-delivery:acme-agent:${randomUUID()}`) {
  const { workflow } = stack().client;
  const running = workflow.execute('messageDelivery', { taskQueue: 'message-delivery', workflowId, args: [input] });
  const error: unknown = await running.catch((reason: unknown) => reason);
  if (!(error instanceof WorkflowFailedError)) throw new Error('The workflow did not fail.', { cause: error });
  if (!(error.cause instanceof ApplicationFailure)) throw new Error('Not an ApplicationFailure.', { cause: error });
  const [problems] = error.cause.details ?? [];
  return { failure: error.cause, problems: problems as { field: string }[] };
}

/** The kinds of events in a workflow's history, without the workflow tasks that a worker started, lost or completed. */
async function eventsOf(workflowId: string): Promise<(string | undefined)[]> {
  const { events } = await stack().client.workflow.getHandle(workflowId).fetchHistory();
  const kinds = (events ?? []).map((event) => Object.keys(event).find((key) => key.endsWith('EventAttributes')));
  return kinds.filter((kind) => !/^workflowTask(Scheduled|Started|TimedOut|Completed)/.test(kind ?? ''));
}

describe.concurrent('a delivery with a bad input fails at once and names every bad field', () => {
  const secret = 'Your code is 482913';

  test('many bad fields at once', async () => {
    const input = {
      agentId: 'acme agent',
      messageId: 'not-a-uuid',
      recipient: '+99912345678901',
      contentMessage: { text: secret.repeat(200) },
      messageTrafficType: 'OTP',
      ttl: '10m',
      expireTime: '2020-01-01T00:00:00Z',
      fallback: { sms: { text: '', sender: '+++' }, whenUncertain: 'maybe', mms: true },
      revocation: { strategy: 'both', grace: '-1s', budget: 30 },
      [secret]: true,
    };

    const workflowId = `message-delivery:acme-agent:${randomUUID()}`;
    const { failure, problems } = await failureOf(input, workflowId);

    expect(failure).toMatchObject({ type: 'InvalidInput', nonRetryable: true });
    // At once: no workflow task fails before, and nothing is waited for.
    expect(await eventsOf(workflowId)).toEqual([
      'workflowExecutionStartedEventAttributes',
      'workflowExecutionFailedEventAttributes',
    ]);
    const named = problems.map(({ field }) => field);
    for (const field of [
      ...['agentId', 'messageId', 'recipient', 'contentMessage.text', 'messageTrafficType', 'ttl', 'expireTime'],
      ...['fallback.sms.text', 'fallback.sms.sender', 'fallback.whenUncertain', 'fallback.mms'],
      ...['revocation.strategy', 'revocation.grace', 'revocation.budget'],
    ]) {
      expect(named).toContain(field);
      expect(failure.message).toContain(field);
    }
    expect(JSON.stringify(failure)).not.toMatch(/482913|99912345|not-a-uuid/);
  });

  test.each([
    ['nothing', undefined],
    ['null', null],
    ['a text', '{}'],
    ['a list', []],
    ['an empty object', {}],
  ])('%s', async (_title, input) => {
    expect((await failureOf(input)).failure).toMatchObject({ type: 'InvalidInput', nonRetryable: true });
  });

  test.each([
    ['ttl and expireTime', { expireTime: new Date(Date.now() + 60_000).toISOString(), ttl: '60s' }, 'ttl'],
    ['neither', { ttl: undefined }, 'ttl'],
    ['a ttl over 15 days', { ttl: '1296001s' }, 'ttl'],
    ['an expireTime in the past', { ttl: undefined, expireTime: '2026-01-01T00:00:00Z' }, 'expireTime'],
    ['a number without country code', { recipient: '015550100001' }, 'recipient'],
    ['no content', { contentMessage: {} }, 'contentMessage'],
  ])('%s', async (_title, given, field) => {
    const messageId = randomUUID();
    const input = inputFor(newPhone(), { messageId, ...given });

    const { problems } = await failureOf(input, `message-delivery:acme-agent:${messageId}`);

    expect(problems.map((problem) => problem.field)).toContain(field);
    expect(stack().simulator.truthFor(messageId).creates).toEqual([]);
  });

  test('a workflow id that the webhook would not find', async () => {
    const { failure } = await failureOf(inputFor(newPhone()), 'message-delivery:acme-agent:another');

    expect(failure.message).toContain('workflowId');
  });

  test('accepts a messageId in upper case and an agentId with its suffix', async () => {
    const messageId = randomUUID();
    const input = inputFor(newPhone(), { agentId: 'acme-agent@rbm.goog', messageId: messageId.toUpperCase() });
    const { workflow } = stack().client;

    const result: unknown = await workflow.execute('messageDelivery', {
      taskQueue: 'message-delivery',
      workflowId: `message-delivery:acme-agent:${messageId}`,
      args: [input],
    });

    expect(result).toMatchObject({ outcome: 'DELIVERED', messageId });
  });
});

describe.concurrent('the status during and after a delivery', () => {
  test('the status query and `rcs-delivery status` give the same answer', async () => {
    const { env } = stack();
    const delivery = await deliver(stack(), { behaviour: 'offline', input: { ttl: '600s' } });
    const seen = await delivery.inPhase('AWAITING_DELIVERY');

    expect(seen).toMatchObject({ status: 'AWAITING_DELIVERY', outcome: null, channel: 'RCS', duplicate: false });
    expect(Date.parse(seen.expireTime)).toBeGreaterThan(Date.now() + 500_000);
    expect(seen.next).toEqual({ action: 'revoke', time: seen.expireTime });
    expect(seen.evidence.map(({ event }) => event)).toContain('sendAnswered');

    const { workflowId } = delivery.handle;
    const json = await runProgram(['status', workflowId, '--json'], env);
    expect(json).toMatchObject({ code: 0, stderr: '' });
    expect(JSON.parse(json.stdout)).toEqual({ ...seen, pending: [], notifications: [] });
    const text = await runProgram(['status', 'acme-agent', delivery.messageId], env);
    expect(text.stdout).toContain('AWAITING_DELIVERY');
    expect(text.stdout).toContain(`expires    ${seen.expireTime.slice(0, 19)}Z (in `);

    await delivery.handle.signal('delivered', { eventId: 'e', sendTime: seen.expireTime });
    const result = await delivery.ended();
    const after = JSON.parse((await runProgram(['status', workflowId, '--json'], env)).stdout) as DeliveryStatus;
    expect(after).toMatchObject({ status: 'DELIVERED', phase: null, outcome: 'DELIVERED', next: null });
    expect(after.timeline).toEqual(result.timeline);
    expect({ ...(await delivery.status()), notifications: [] }).toEqual(after);
  });

  test('send starts a message once, even when called twice, and refuses a bad input before the start', async () => {
    const { env, simulator } = stack();
    const input = inputFor(newPhone(), { ttl: '30s' });
    const messageId = String(input['messageId']);
    const workflowId = `message-delivery:acme-agent:${messageId}`;
    const json = JSON.stringify(input);

    const both = await Promise.all([
      runProgram(['send', '--file', '-'], env, json),
      runProgram(['send', '--input', json], env),
    ]);
    expect(both).toMatchObject(both.map(() => ({ code: 0, stdout: `${workflowId}\n` })));
    const notes = both.map(({ stderr }) => stderr).toSorted();
    expect(notes).toEqual(['', 'note: this message was started before, so nothing new was started\n']);
    expect(await stack().client.workflow.getHandle(workflowId).result()).toMatchObject({ outcome: 'DELIVERED' });
    expect(await runProgram(['send', '--input', json], env)).toMatchObject({ code: 0, stdout: `${workflowId}\n` });
    expect(simulator.truthFor(messageId).creates).toHaveLength(1);

    const wrong = await runProgram(['send', '--input', JSON.stringify({ ...input, ttl: '10m' })], env);
    expect(wrong.code).toBe(2);
    expect(wrong.stderr).toContain('ttl');
    expect(wrong.stderr).not.toContain('482913');
  });

  test('status exits with 3 for a delivery that does not exist', async () => {
    const missing = await runProgram(['status', 'acme-agent', randomUUID()], stack().env);

    expect(missing.code).toBe(3);
    expect(missing.stdout).toBe('');
  });
});

describe.concurrent('updates and cancellation', () => {
  test('revokeNow revokes the message before its expiry, and the SMS follows', async () => {
    const delivery = await deliver(stack(), { behaviour: 'offline', input: { ttl: '600s' } });
    await delivery.inPhase('AWAITING_DELIVERY');

    const answer = await delivery.handle.executeUpdate<DeliveryStatus, [unknown]>('revokeNow', {
      args: [{ reason: 'sent by mistake', fallback: 'sms' }],
    });

    expect(answer.phase).toBe('REVOKING');
    expect(await delivery.ended()).toMatchObject({ outcome: 'DELIVERED_BY_SMS' });
    expect(delivery.truth).toMatchObject({ rcs: 0, sms: 1, revokedBy: 'delete' });
  });

  test('revokeNow without a fallback ends in REVOKED and sends no SMS', async () => {
    const delivery = await deliver(stack(), { behaviour: 'offline', input: { ttl: '600s' } });
    await delivery.inPhase('AWAITING_DELIVERY');

    await delivery.handle.executeUpdate('revokeNow', { args: [{ reason: 'recalled', fallback: 'none' }] });

    expect(await delivery.ended()).toMatchObject({ outcome: 'REVOKED' });
    expect(delivery.truth).toMatchObject({ rcs: 0, smsRequests: [] });
  });

  test('changeExpiry moves the expiry to an earlier or a later time', async () => {
    const sooner = await deliver(stack(), { behaviour: 'offline', input: { ttl: '600s' } });
    const later = await deliver(stack(), { behaviour: { deliverAfter: '15s' }, input: { ttl: '12s' } });
    const change = (delivery: typeof sooner, ms: number) => {
      const expireTime = new Date(Date.now() + ms).toISOString();
      return delivery.handle.executeUpdate<DeliveryStatus, [unknown]>('changeExpiry', { args: [{ expireTime }] });
    };

    const [first] = await Promise.all([change(sooner, 8_000), change(later, 60_000)]);

    expect(await sooner.ended()).toMatchObject({ outcome: 'DELIVERED_BY_SMS', expireTime: first.expireTime });
    expect(await later.ended()).toMatchObject({ outcome: 'DELIVERED' });
    expect(later.truth.deletes).toEqual([]);
  });

  test('changeExpiry while the create is being retried: RBM gets the new expiry', async () => {
    const create = [503, 503, 503, 'ok'] as const;
    const delivery = await deliver(stack(), {
      behaviour: { create: [...create], rcs: 'offline' },
      input: { ttl: '600s' },
    });
    await delivery.until(() => delivery.truth.creates.length >= 2);
    const expireTime = new Date(Date.now() + 15_000).toISOString();
    await delivery.handle.executeUpdate('changeExpiry', { args: [{ expireTime }] });
    await delivery.inPhase('AWAITING_DELIVERY');

    expect(delivery.truth).toMatchObject({ expireTime: Date.parse(expireTime) + 60_000 });
    expect(await delivery.ended()).toMatchObject({ outcome: 'DELIVERED_BY_SMS', expireTime });
    expect(delivery.truth).toMatchObject({ rcs: 0, sms: 1 });
  });

  test('an update that is wrong or too late is refused with the reason and changes nothing', async () => {
    const delivery = await deliver(stack(), { behaviour: 'offline', input: { ttl: '600s', fallback: undefined } });
    await delivery.inPhase('AWAITING_DELIVERY');
    const refusal = async (name: string, argument: unknown) => {
      const error: unknown = await delivery.handle
        .executeUpdate(name, { args: [argument] })
        .catch((reason: unknown) => reason);
      return error instanceof WorkflowUpdateFailedError ? error.cause?.message : 'accepted';
    };

    expect(await refusal('revokeNow', { reason: 'x', fallback: 'sms' })).toMatch(/no SMS/);
    expect(await refusal('revokeNow', { fallback: 'none' })).toMatch(/reason/);
    expect(await refusal('revokeNow', undefined)).toMatch(/object/);
    expect(await refusal('changeExpiry', { expireTime: '2026-01-01T00:00:00Z' })).toMatch(/future/);
    expect(await refusal('changeExpiry', { expireTime: 'tomorrow' })).toMatch(/RFC 3339/);
    expect(await delivery.status()).toMatchObject({ phase: 'AWAITING_DELIVERY' });
    await delivery.handle.executeUpdate('revokeNow', { args: [{ reason: 'x', fallback: 'none' }] });
    expect(await refusal('changeExpiry', { expireTime: new Date(Date.now() + 60_000).toISOString() })).toMatch(
      /revoking has begun/,
    );
    await delivery.ended();
  });

  test('cancelling revokes the message and sends no SMS', async () => {
    const delivery = await deliver(stack(), { behaviour: 'offline', input: { ttl: '600s' } });
    await delivery.inPhase('AWAITING_DELIVERY');

    await delivery.handle.cancel();

    expect(await delivery.ended()).toMatchObject({ outcome: 'CANCELLED', channel: null });
    expect(delivery.truth).toMatchObject({ rcs: 0, smsRequests: [], revokedBy: 'delete' });
  });
});

const replayer = createReplayer(builtWorkflows);
afterAll(() => replayer.close());

test.concurrent.each([
  { type: 'PROMOTION', taskQueue: 'message-delivery' },
  { type: 'AUTHENTICATION', taskQueue: 'message-delivery-bulk' },
])('a wrong task queue is harmless: $type on $taskQueue is delivered, and replays', async ({ type, taskQueue }) => {
  const phone = newPhone();
  stack().simulator.script(phone, 'delivers');
  const input = inputFor(phone, { messageTrafficType: type, ttl: '60s' });
  const workflowId = `message-delivery:acme-agent:${String(input['messageId'])}`;
  const result: unknown = await stack().client.workflow.execute('messageDelivery', {
    taskQueue,
    workflowId,
    args: [input],
  });
  expect(result).toMatchObject({ outcome: 'DELIVERED' });
  expect(stack().simulator.groundTruth(phone)).toMatchObject([{ channel: 'RCS' }]);
  const history = await stack().client.workflow.getHandle(workflowId).fetchHistory();
  await replayer.replay(history);
});
