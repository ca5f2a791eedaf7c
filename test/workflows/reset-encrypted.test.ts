import { randomUUID } from 'node:crypto';
import { activityInfo } from '@temporalio/activity';
import type { WorkflowHandle } from '@temporalio/client';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { lookBack } from '../../src/activities/look-back.js';
import { createRunHistories } from '../../src/temporal/run-histories.js';
import { fakeActivities } from '../client/fake-activities.js';
import { awaited, expectReplaysOn, startEncryptedRig, type EncryptedRig } from './encrypted-rig.js';
import { event, failure } from './rig.js';

let rig: EncryptedRig;
beforeAll(async () => {
  rig = await startEncryptedRig();
});
afterAll(() => rig.stop());

const required = { keys: ['current'], encryptionRequired: true };

/** Counts what reaches the phone by SMS. RBM does not know the phone. */
function world() {
  const sent: string[] = [];
  const activities: Partial<typeof fakeActivities> = {
    sendRcs: () => {
      sent.push('rcs');
      return Promise.reject(failure('RbmNotFound', { httpStatus: 404 }, true));
    },
    sendSms: (input) => {
      sent.push('sms');
      return fakeActivities.sendSms(input);
    },
    lookBack: () => {
      const { workflowId = '', runId = '' } = activityInfo().workflowExecution ?? {};
      const client = rig.clientWith('current');
      return lookBack({ histories: createRunHistories({ client, encryptionRequired: true }) }, { workflowId, runId });
    },
  };
  return { sent, activities };
}

/** Resets the delivery to its first workflow task, and returns the new run. */
async function reset({ workflowId }: { readonly workflowId: string }): Promise<WorkflowHandle> {
  const client = rig.clientWith('current');
  const { runId } = await client.workflow.getHandle(workflowId).describe();
  const { events } = await client.workflow.getHandle(workflowId, runId).fetchHistory();
  const task = events?.find((one) => one.workflowTaskCompletedEventAttributes);
  const { runId: next } = await rig.connection.workflowService.resetWorkflowExecution({
    ...{
      namespace: rig.namespace,
      workflowExecution: { workflowId, runId },
      reason: 'a test',
      requestId: randomUUID(),
    },
    workflowTaskFinishEventId: task?.eventId ?? null,
  });
  return client.workflow.getHandle(workflowId, next);
}

const place = () => rig.place(rig.clientWith(), { fallback: { sms: { text: 'Your code is 482913' } } });

test('a delivery that began in cleartext goes on after a reset, and sends no second SMS', async () => {
  const at = place();
  const { sent, activities } = world();
  await at.withWorker({ keys: ['current'], activities }, async () => {
    await at.start();
    await awaited(rig.clientWith('current').workflow.getHandle(at.workflowId), 'AWAITING_SMS_RECEIPT');
  });
  await at.withWorker({ ...required, activities }, async () => {
    const next = await reset(at);
    await awaited(next, 'AWAITING_SMS_RECEIPT');
    await next.signal('smsStatus', { ...event(), status: 'DELIVERED' });
    expect(await next.result()).toMatchObject({ outcome: 'DELIVERED_BY_SMS' });
    expect(sent).toEqual(['rcs', 'sms']);
    for (const kind of [required, { keys: ['current'] }]) await expectReplaysOn(kind, next);
  });
});

test('a reset starts no delivery that was refused, until that is allowed', async () => {
  const at = place();
  const { sent, activities } = world();
  const refused = {
    cause: { type: 'EncryptionRequired', message: expect.stringContaining('Nothing was sent.') as string },
  };
  const next = await at.withWorker({ ...required, activities }, async () => {
    await at.start();
    await expect(rig.clientWith('current').workflow.getHandle(at.workflowId).result()).rejects.toMatchObject(refused);
    const again = await reset(at);
    await expect(again.result()).rejects.toMatchObject(refused);
    await expect((await reset(at)).result()).rejects.toMatchObject(refused);
    return again;
  });
  expect(sent).toEqual([]);
  for (const kind of [required, { keys: ['current'] }]) await expectReplaysOn(kind, next);
  await at.withWorker({ keys: ['current'], activities }, async () => {
    await awaited(await reset(at), 'AWAITING_SMS_RECEIPT');
  });
  expect(sent).toEqual(['rcs', 'sms']);
});
