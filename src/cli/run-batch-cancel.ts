import { randomUUID } from 'node:crypto';
import { isGrpcServiceError } from '@temporalio/client';
import { deliveryQuery } from '../client/delivery-query.js';
import { temporalCall } from '../client/temporal-call.js';
import type { CancelOptions } from './cancel-command.js';
import { CommandFailedError } from './command-failed-error.js';
import { agreed } from './run-bulk.js';
import { deliveriesIn } from './terminal.js';
import type { Access } from './with-delivery-client.js';

const CALL_MS = 10_000;

/** Starts a batch job of Temporal that cancels all, and prints its id. The job goes on without this command. */
export async function runBatchCancel(
  access: Access,
  options: CancelOptions & { readonly query: string },
): Promise<void> {
  // A query that Temporal does not understand is refused here: a batch job would hang on it, and block every other.
  const go = await agreed(access, { ...options, would: (deliveries) => `cancel ${deliveries}` });
  if (go === undefined) return;
  const { matched, filter } = go;
  const jobId = matched === 0 ? null : randomUUID();
  if (jobId !== null) {
    // Printed before the start, whose answer may be lost.
    process.stderr.write(`starting batch job ${jobId}\n`);
    await start(access, jobId, deliveryQuery(filter, { now: Date.now() }));
  }
  const result = { dryRun: false, matched, jobId };
  const text =
    jobId === null ? 'no running delivery is found: there is nothing to do' : started(access, jobId, matched);
  process.stdout.write(`${options.json === true ? JSON.stringify(result) : text}\n`);
}

function started({ config }: Access, jobId: string, matched: number): string {
  const { namespace } = config.temporal;
  const batch = (command: string) => `temporal batch ${command} --namespace ${namespace} --job-id ${jobId}`;
  return [
    `Temporal cancels ${deliveriesIn(matched, 'running')} in batch job ${jobId}.`,
    `  see how far it is:  ${batch('describe')}`,
    `  stop it:            ${batch('terminate')} --reason '…'`,
    "Temporal's Web UI shows it under Batch Operations.",
  ].join('\n');
}

async function start({ client, config }: Access, jobId: string, visibilityQuery: string): Promise<void> {
  const { workflowService, options } = client.workflow;
  const call = { client: client.workflow, workflowId: '', timeoutMs: CALL_MS, answeredBy: 'server' } as const;
  const request = {
    namespace: config.temporal.namespace,
    jobId,
    visibilityQuery,
    reason: 'rcs-delivery cancel',
    cancellationOperation: { identity: options.identity },
  };
  await temporalCall(call, () => workflowService.startBatchOperation(request).catch(refuse));
}

const RESOURCE_EXHAUSTED = 8;

function refuse(error: unknown): never {
  const code: number | undefined = isGrpcServiceError(error) ? error.code : undefined;
  if (code !== RESOURCE_EXHAUSTED) throw error;
  throw new CommandFailedError(
    'Temporal runs as many batch jobs in this namespace as it allows: wait for them (temporal batch list), or use revoke',
  );
}
