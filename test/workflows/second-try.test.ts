import { randomUUID } from 'node:crypto';
import { temporal } from '@temporalio/proto';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import type { WorkflowHandle } from '@temporalio/client';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startTimeSkipping } from '../../dev/temporal/test-server.js';
import type { MessageActivities, SendRcsInput } from '../../src/activities/message-activities.js';
import { revokeNowUpdate } from '../../src/contract/messages.js';
import { workflowIdFor } from '../../src/contract/ids.js';
import type { MessageDeliveryInput } from '../../src/contract/input.js';
import type { MessageDeliveryResult } from '../../src/contract/status.js';
import { createTestWorker } from '../support/test-worker.js';
import { event, failure, inputWith } from './rig.js';
import { quietTemporal } from '../support/quiet-temporal.js';

let env: TestWorkflowEnvironment;
beforeAll(async () => {
  quietTemporal();
  env = await startTimeSkipping();
});
afterAll(() => env.teardown());

/** Takes the first workflow task as a worker does, and comes to no end with it. */
async function dieInFirstTask(taskQueue: string): Promise<void> {
  const { workflowService } = env.connection;
  const common = { namespace: 'default', identity: 'a worker that dies' };
  const { taskToken } = await workflowService.pollWorkflowTaskQueue({ ...common, taskQueue: { name: taskQueue } });
  const cause = temporal.api.enums.v1.WorkflowTaskFailedCause.WORKFLOW_TASK_FAILED_CAUSE_UNSPECIFIED;
  await workflowService.respondWorkflowTaskFailed({ ...common, taskToken, cause });
}

interface Meanwhile {
  /** Runs while there is no worker. */
  readonly down?: (handle: WorkflowHandle) => Promise<unknown>;
  /** Runs while the next worker starts. */
  readonly meanwhile?: (handle: WorkflowHandle) => Promise<unknown>;
  readonly given?: Partial<MessageDeliveryInput>;
}
const nothing = () => Promise.resolve();

/** Starts a delivery whose first workflow task a worker took and never completed; then another worker starts. */
async function secondTry({ down = nothing, meanwhile = nothing, given = { ttl: '60s' } }: Meanwhile = {}) {
  const taskQueue = `test-${randomUUID()}`;
  const input = inputWith({ ...given, fallback: { sms: { text: 'Your code is 482913' } } });
  const workflowId = workflowIdFor(input);
  const handle = await env.client.workflow.start('messageDelivery', { taskQueue, workflowId, args: [input] });
  await dieInFirstTask(taskQueue);
  await down(handle);
  const under = meanwhile(handle);

  const calls: string[] = [];
  const activities: MessageActivities = {
    // As the real one answers: 404, and what an earlier attempt may have done.
    sendRcs({ mayBeQueued }: SendRcsInput) {
      calls.push('sendRcs');
      return Promise.reject(failure('RbmNotFound', { mayBeQueued }, true));
    },
    revokeRcs() {
      calls.push('revokeRcs');
      return Promise.resolve();
    },
    sendSms() {
      calls.push('sendSms');
      return Promise.resolve({ provider: 'test', providerMessageId: 'sms-1' });
    },
    reconcileSms: () => Promise.resolve({ found: 'no' }),
    measureOutage: () => Promise.reject(failure('OutageUnknown', {}, true)),
    lookBack: () => Promise.resolve({ facts: [], notifications: 0 }),
  };
  const worker = await createTestWorker({ connection: env.nativeConnection, taskQueue, activities });
  const result = await worker.runUntil(() => handle.result() as Promise<MessageDeliveryResult>);
  await under;
  return { result, calls };
}

describe('a worker may have sent the message and crashed (G4)', () => {
  test('after a refusal of the next attempt the message is revoked', async () => {
    const { result, calls } = await secondTry();
    expect(result).toMatchObject({ outcome: 'SENT_BY_SMS' });
    expect(calls).toEqual(['sendRcs', 'revokeRcs', 'sendSms']);
  });

  test('if an operator revokes it before the next attempt, a DELETE comes before the SMS', async () => {
    const { result, calls } = await secondTry({
      async meanwhile(handle) {
        const args: [{ reason: string; fallback: 'sms' }] = [{ reason: 'wrong', fallback: 'sms' }];
        await handle.startUpdate(revokeNowUpdate, { args, waitForStage: 'ACCEPTED' });
      },
    });
    expect(result).toMatchObject({ outcome: 'SENT_BY_SMS' });
    expect(calls).toEqual(['revokeRcs', 'sendSms']);
  });

  test('cancelled before the next attempt: revoked', async () => {
    const { result, calls } = await secondTry({ meanwhile: (handle) => handle.cancel() });
    expect(result).toMatchObject({ outcome: 'CANCELLED' });
    expect(calls).toEqual(['revokeRcs']);
  });

  test.each([
    ['ttlExpirationRevoked', ['sendSms']],
    ['ttlExpirationRevokeFailed', ['revokeRcs', 'sendSms']],
  ])('down past the SMS deadline, then %s: a DELIVERED that is held up gets its time', async (signal, wanted) => {
    const { result, calls } = await secondTry({
      async down(handle) {
        await env.sleep('9s');
        await handle.signal(signal, event());
      },
      given: { ttl: '2s', revocation: { grace: '3s', budget: '4s' } },
    });
    const times = Object.fromEntries(result.timeline.map(({ event: name, time }) => [name, Date.parse(time)]));
    expect(calls).toEqual(wanted);
    expect(times['smsRequested']).toBeGreaterThanOrEqual((times['wokeLate'] ?? Infinity) + 3_000);
  });
});
