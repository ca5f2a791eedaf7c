import { activityInfo } from '@temporalio/activity';
import type { Client } from '@temporalio/client';
import type { PayloadCodec } from '@temporalio/common';
import type { NativeConnection } from '@temporalio/worker';
import { lookBack } from '../../../src/activities/look-back.js';
import type { MessageActivities } from '../../../src/activities/message-activities.js';
import type { NotificationActivities } from '../../../src/activities/notification-activities.js';
import { createRunHistories } from '../../../src/temporal/run-histories.js';
import { createDeliveryWorker } from '../../../src/worker/create-worker.js';
import { fakeActivities } from '../../client/fake-activities.js';
import { builtWorkflows } from '../../support/workflow-bundle.js';

export interface TestWorkerOptions {
  readonly client: Client;
  readonly connection: NativeConnection;
  readonly taskQueue: string;
  /** Those that are not given succeed. */
  readonly activities?: Partial<MessageActivities & NotificationActivities>;
  /** Called with each payload before the worker answers Temporal. The answer waits for it. */
  readonly onAnswer?: (payload: string) => Promise<void>;
}

/** The worker that users run, with activities that call nobody. After a reset it really looks back. */
export async function startTestWorker(options: TestWorkerOptions): Promise<{ readonly stop: () => Promise<void> }> {
  const { client, connection, taskQueue, activities = {}, onAnswer } = options;
  const histories = createRunHistories({ client });
  const worker = await createDeliveryWorker({
    connection,
    taskQueue,
    activities: {
      ...fakeActivities,
      notify: () => Promise.resolve(),
      lookBack: () => {
        const { workflowId = '', runId = '' } = activityInfo().workflowExecution ?? {};
        return lookBack({ histories }, { workflowId, runId });
      },
      ...activities,
    },
    worker: { ...builtWorkflows, ...(onAnswer && { dataConverter: { payloadCodecs: [listening(onAnswer)] } }) },
  });
  const running = worker.run();
  return {
    async stop() {
      worker.shutdown();
      await running;
    },
  };
}

const listening = (onAnswer: (payload: string) => Promise<void>): PayloadCodec => ({
  async encode(payloads) {
    for (const { data } of payloads) await onAnswer(Buffer.from(data ?? []).toString());
    return payloads;
  },
  decode: (payloads) => Promise.resolve(payloads),
});
