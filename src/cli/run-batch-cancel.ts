import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { isGrpcServiceError } from '@temporalio/client';
import { deliveryQuery } from '../client/delivery-query.js';
import { temporalCall } from '../temporal/temporal-call.js';
import type { CancelOptions } from './cancel-command.js';
import { CommandFailedError } from './command-failed-error.js';
import { createProgress } from './progress.js';
import { agreed } from './run-bulk.js';
import { shutdownSignal } from '../roles/shutdown-signal.js';
import { deliveriesIn, grouped } from './terminal.js';
import type { Access } from './with-delivery-client.js';

const CALL_MS = 10_000;
const LOOK_MS = 1_000;

/** Cancels all by a batch operation of Temporal's own, and shows how far it is. */
export async function runBatchCancel(
  access: Access,
  options: CancelOptions & { readonly query: string },
): Promise<void> {
  // A query that Temporal does not understand is refused here: a batch would hang on it, and block every other.
  const go = await agreed(access, { ...options, would: (deliveries) => `cancel ${deliveries}` });
  if (go === undefined) return;
  const jobId = randomUUID();
  // Before the start, whose answer may be lost.
  if (go.matched > 0) process.stderr.write(`batch operation ${jobId}\n`);
  if (go.matched > 0) await start(access, jobId, deliveryQuery(go.filter, { now: Date.now() }));
  const { done, failed, state } = go.matched === 0 ? NOTHING : await follow(access, jobId, go.matched);
  const result = { dryRun: false, matched: go.matched, jobId: go.matched === 0 ? null : jobId, done, failed, state };
  const words = `asked ${deliveriesIn(done)} to cancel${failed === 0 ? '' : `, ${grouped(failed)} failed`}`;
  process.stdout.write(`${options.json === true ? JSON.stringify(result) : words}\n`);
  if (state === 'RUNNING') {
    throw new CommandFailedError(`not watched to its end; it goes on: temporal batch describe --job-id ${jobId}`);
  }
  if (state !== 'COMPLETED' || failed > 0) throw new CommandFailedError('the batch operation did not do all of it');
}

interface Standing {
  readonly done: number;
  readonly failed: number;
  readonly state: 'RUNNING' | 'COMPLETED' | 'FAILED';
}
const NOTHING: Standing = { done: 0, failed: 0, state: 'COMPLETED' };

async function start({ client, config }: Access, jobId: string, visibilityQuery: string): Promise<void> {
  const { workflowService, options } = client.workflow;
  const { identity } = options;
  const request = {
    namespace: config.temporal.namespace,
    jobId,
    visibilityQuery,
    reason: 'rcs-delivery cancel',
    cancellationOperation: { identity },
  };
  await told({ client }, () => workflowService.startBatchOperation(request));
}

async function follow({ client, config }: Access, jobId: string, total: number): Promise<Standing> {
  const { namespace } = config.temporal;
  const signal = shutdownSignal();
  const progress = createProgress(total, process.stderr);
  try {
    for (;;) {
      const job = await told({ client }, () => client.workflowService.describeBatchOperation({ namespace, jobId }));
      const [done, failed] = [Number(job.completeOperationCount), Number(job.failureOperationCount)];
      progress.update(done + failed, failed === 0 ? '' : `${grouped(failed)} failed`);
      const state = STATES[job.state] ?? 'RUNNING';
      if (state !== 'RUNNING' || signal.aborted) return { done, failed, state };
      await delay(LOOK_MS, undefined, { signal }).catch(() => undefined);
    }
  } finally {
    progress.end();
  }
}

/** temporal.api.enums.v1.BatchOperationState */
const STATES: Readonly<Record<number, Standing['state']>> = { 1: 'RUNNING', 2: 'COMPLETED', 3: 'FAILED' };
const RESOURCE_EXHAUSTED = 8;

async function told<T>({ client }: Pick<Access, 'client'>, work: () => Promise<T>): Promise<T> {
  const call = { client: client.workflow, workflowId: '', timeoutMs: CALL_MS, answeredBy: 'server' } as const;
  return temporalCall(call, () =>
    work().catch((error: unknown) => {
      const code: number | undefined = isGrpcServiceError(error) ? error.code : undefined;
      if (code !== RESOURCE_EXHAUSTED) throw error;
      throw new CommandFailedError(
        'Temporal runs as many batch operations in this namespace as it allows: wait for them (temporal batch list), or use revoke',
      );
    }),
  );
}
