import { randomUUID } from 'node:crypto';
import type { WorkflowHandle } from '@temporalio/client';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { Worker } from '@temporalio/worker';
import { startTimeSkipping } from '../../dev/temporal/test-server.js';
import type { OptOutActivities } from '../../src/activities/opt-out-activities.js';
import {
  OPT_OUT_WORKFLOW_TYPE,
  optOutSignal,
  optOutStatusQuery,
  optOutWorkflowIdFor,
  type OptOutEntry,
  type OptOutInput,
  type OptOutStatus,
} from '../../src/contract/opt-out.js';
import { quietTemporal } from '../support/quiet-temporal.js';
import { WAIT } from '../support/wait.js';
import { builtWorkflows } from '../support/workflow-bundle.js';

type Sweep = Parameters<OptOutActivities['revokePromotions']>[0];
export type Answer = (sweep: Sweep) => ReturnType<OptOutActivities['revokePromotions']>;

export interface OptOutRig {
  readonly env: TestWorkflowEnvironment;
  /** Starts an opt-out with its first signal. Each sweep gets the answer, or finds nothing. */
  start(given?: unknown, options?: { answer?: Answer; agentIds?: string[] }): Promise<TestOptOut>;
  stop(): Promise<void>;
}

interface TestOptOut {
  readonly handle: WorkflowHandle;
  readonly input: OptOutInput;
  /** What its sweeps asked for. */
  readonly sweeps: () => readonly Sweep[];
  readonly status: () => Promise<OptOutStatus>;
}

export const entry = (changes: Partial<OptOutEntry> = {}): OptOutEntry => ({
  source: 'rbm',
  sendTime: '2026-01-02T03:04:05Z',
  eventId: 'event-1',
  ...changes,
});

/** The real workflow on the official time-skipping server; the answers of its sweeps are scripted by each test. */
export async function startOptOutRig(): Promise<OptOutRig> {
  quietTemporal();
  const env = await startTimeSkipping();
  const taskQueue = `opt-out-${randomUUID()}`;
  const sweeps = new Map<string, readonly Sweep[]>();
  const answers = new Map<string, Answer>();
  const activities: OptOutActivities = {
    async revokePromotions(sweep) {
      const [key = ''] = sweep.recipientHashes;
      sweeps.set(key, [...(sweeps.get(key) ?? []), sweep]);
      return (await answers.get(key)?.(sweep)) ?? { signalled: [], more: false };
    },
  };
  const worker = await Worker.create({ connection: env.nativeConnection, taskQueue, ...builtWorkflows, activities });
  const running = worker.run();
  return {
    env,
    async start(given = entry(), { answer, agentIds = ['acme'] } = {}) {
      const recipientHash = randomUUID().replaceAll('-', '');
      if (answer !== undefined) answers.set(recipientHash, answer);
      const input = { recipientHashes: [recipientHash, 'f'.repeat(32)], agentIds };
      const handle = await env.client.workflow.signalWithStart(OPT_OUT_WORKFLOW_TYPE, {
        workflowId: optOutWorkflowIdFor({ scope: 'acme', recipientHash }),
        taskQueue,
        args: [input],
        memo: { optOut: { source: 'rbm', since: '2026-01-02T03:04:05Z' } },
        signal: optOutSignal,
        signalArgs: [given as OptOutEntry],
      });
      return {
        handle,
        input,
        sweeps: () => sweeps.get(recipientHash) ?? [],
        status: () => handle.query(optOutStatusQuery),
      };
    },
    async stop() {
      worker.shutdown();
      await running;
      await env.teardown();
    },
  };
}

/** Waits, in real time, until it holds. */
export async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  for (const end = Date.now() + WAIT; !(await holds());) {
    if (Date.now() > end) throw new Error('never came about');
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
