import { randomUUID } from 'node:crypto';
import { Client, Connection } from '@temporalio/client';
import { NativeConnection, type WorkflowBundleWithSourceMap } from '@temporalio/worker';
import { expect } from 'vitest';
import { Cleanups } from '../../dev/stack/cleanups.js';
import { createDeliveryClient, type DeliveryHandle } from '../../src/index.js';
import { createDeliveryWorker } from '../../src/worker/create-worker.js';
import { fakeActivities } from '../client/fake-activities.js';
import { quietTemporal } from '../support/quiet-temporal.js';
import { sharedTemporal } from '../support/shared-temporal.js';
import { builtWorkflows } from '../support/workflow-bundle.js';
import { openRunbook } from './runbook.js';

const TASK_QUEUE = 'versions';
/** The name in the runbook. */
const DEPLOYMENT = 'rcs-delivery';
const TTL = { short: '3600s', long: '86400s' } as const;

export type VersionedStage = Awaited<ReturnType<typeof setVersionedStage>>;

/** A namespace of its own with workers of several versions, the runbook's commands, and deliveries to watch. */
export async function setVersionedStage() {
  quietTemporal();
  const cleanups = new Cleanups();
  const { address, namespace, variables } = await sharedTemporal();
  const connection = cleanups.add(await Connection.connect({ address }), (one) => one.close());
  const native = cleanups.add(await NativeConnection.connect({ address }), (one) => one.close());
  const client = new Client({ connection, namespace });
  const deliveries = createDeliveryClient({ client, taskQueue: TASK_QUEUE });
  /** Which version's worker revoked each message. */
  const revokedBy = new Map<string, string | undefined>();

  /** Starts a worker of this version, or one without a version. Default: the workflows as the build bundled them. */
  async function startWorker(buildId: string | undefined, workflowBundle?: WorkflowBundleWithSourceMap) {
    const revokeRcs = ({ messageId }: { readonly messageId: string }) => {
      revokedBy.set(messageId, buildId);
      return Promise.resolve();
    };
    const worker = await createDeliveryWorker({
      ...{ connection: native, namespace, taskQueue: TASK_QUEUE },
      activities: { ...fakeActivities, revokeRcs },
      version: buildId === undefined ? undefined : { deploymentName: DEPLOYMENT, buildId },
      worker: { ...builtWorkflows, ...(workflowBundle && { workflowBundle }) },
    });
    const running = worker.run();
    let stopped: Promise<void> | undefined;
    const stop = () => {
      if (stopped === undefined) worker.shutdown();
      return (stopped ??= running);
    };
    return cleanups.add(stop, (one) => one());
  }

  const workflow = (delivery: DeliveryHandle) => client.workflow.getHandle(delivery.workflowId);
  const versioningOf = async (delivery: DeliveryHandle) =>
    (await workflow(delivery).describe()).raw.workflowExecutionInfo?.versioningInfo;
  const signal = (delivery: DeliveryHandle, from?: string) =>
    workflow(delivery).signal('delivered', { eventId: randomUUID(), sendTime: new Date().toISOString(), from });

  const begin = (kind: keyof typeof TTL) =>
    deliveries.start({
      ...{ agentId: 'acme', messageId: randomUUID(), recipient: '+15550100001', ttl: TTL[kind] },
      ...{ contentMessage: { text: 'Your code is 482913' }, revocation: { grace: '0s' } },
    });

  const untilWaiting = (delivery: DeliveryHandle) =>
    expect.poll(async () => (await delivery.status()).phase).toBe('AWAITING_DELIVERY');

  return {
    deliveries,
    revokedBy,
    variables: { ...variables, TASK_QUEUE },
    startWorker,
    begin,
    untilWaiting,
    runbook: await openRunbook(cleanups, variables),
    /** Starts one of each kind, and waits until a worker has begun them. */
    async beginBoth() {
      const both = { short: await begin('short'), long: await begin('long') };
      await Promise.all([untilWaiting(both.short), untilWaiting(both.long)]);
      return both;
    },
    deliver: (delivery: DeliveryHandle) => signal(delivery),
    /** Gives the delivery a workflow task that changes nothing: an event from another number. */
    poke: (delivery: DeliveryHandle) => signal(delivery, '+15550109998'),
    /** The version that completed the delivery's latest workflow task. undefined: a worker without one. */
    versionOf: async (delivery: DeliveryHandle) =>
      (await versioningOf(delivery))?.deploymentVersion?.buildId ?? undefined,
    /** The version to which an operator has pinned the delivery. */
    pinnedTo: async (delivery: DeliveryHandle) =>
      (await versioningOf(delivery))?.versioningOverride?.pinned?.version?.buildId,
    failedTasks: async (delivery: DeliveryHandle) => {
      const { events } = await workflow(delivery).fetchHistory();
      return (events ?? []).filter(({ workflowTaskFailedEventAttributes: failed }) => failed).length;
    },
    /** How often Temporal has tried the workflow task that is due. */
    attempts: async (delivery: DeliveryHandle) =>
      (await workflow(delivery).describe()).raw.pendingWorkflowTask?.attempt ?? 0,
    idsOf: async (query: string) => {
      const ids: string[] = [];
      for await (const { workflowId } of client.workflow.list({ query })) ids.push(workflowId);
      return ids.sort();
    },
    stop: () => cleanups.run(),
  };
}
