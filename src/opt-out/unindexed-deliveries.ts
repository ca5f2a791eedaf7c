import { setMaxListeners } from 'node:events';
import type { WorkflowClient } from '@temporalio/client';
import { parseWorkflowId, WORKFLOW_TYPE } from '../contract/ids.js';
import { withDeadline } from '../temporal/deadline.js';
import { GrpcStatus, grpcStatusOf, isWorkflowMissing } from '../temporal/grpc-status.js';
import { listExecutions } from '../temporal/list-executions.js';
import { workflowInput } from '../temporal/workflow-input.js';
import { recipientHash, type HashKeys } from './recipient-hash.js';

export interface UnindexedSearch {
  readonly client: WorkflowClient;
  /** The time limit of one call, in milliseconds. */
  readonly timeoutMs: number;
  /** The time limit of the whole search, in milliseconds. The activity has a minute for the search and the signals. */
  readonly searchMs: number;
  readonly hashKeys: HashKeys;
  readonly recipientHashes: readonly string[];
  readonly agentIds: readonly string[];
  /** Workflow ids that are not looked at. */
  readonly except: ReadonlySet<string>;
  /** Ends the search with an AbortError. */
  readonly signal?: AbortSignal | undefined;
}

/** Each costs a call to Temporal. */
const MOST_READ = 500;
/** How many inputs are read at the same time. */
const AT_ONCE = 20;

export interface Unindexed {
  /** Workflow ids of the person's deliveries. */
  readonly found: readonly string[];
  /** There were too many to look at all, or the time was over. */
  readonly isIncomplete: boolean;
  /** A call failed after these were found. Search again without them. */
  readonly more: boolean;
}

/**
 * The person's running deliveries among those that were started without RecipientHash: by another language's starter, or in
 * a namespace that lacks the attribute. Reads the input of each. Throws gRPC's errors if nothing was found before.
 */
export async function unindexedDeliveries(search: UnindexedSearch): Promise<Unindexed> {
  const { searchMs, signal } = search;
  const timeIsUp = AbortSignal.timeout(searchMs);
  const stop = AbortSignal.any([timeIsUp, ...(signal === undefined ? [] : [signal])]);
  // Each read listens to it. Node warns about more than ten listeners.
  setMaxListeners(AT_ONCE, stop);
  const found: string[] = [];
  const scan: Scan = { ...search, found, stop };
  try {
    return { found, isIncomplete: !(await readAll(scan)), more: false };
  } catch (error) {
    if (signal?.aborted === true) throw error;
    if (timeIsUp.aborted) return { found, isIncomplete: true, more: false };
    if (found.length === 0) throw error;
    return { found, isIncomplete: false, more: true };
  }
}

interface Scan extends UnindexedSearch {
  readonly found: string[];
  readonly stop: AbortSignal;
}

async function readAll(scan: Scan): Promise<boolean> {
  const running = `WorkflowType = '${WORKFLOW_TYPE}' AND CloseTime IS NULL`;
  try {
    return await readThose(scan, `${running} AND RecipientHash IS NULL`);
  } catch (error) {
    if (grpcStatusOf(error) !== GrpcStatus.INVALID_ARGUMENT) throw error;
    return readThose(scan, running);
  }
}

/** Adds the person's to `found`. False if there are more than may be read. */
async function readThose(scan: Scan, query: string): Promise<boolean> {
  const { client, timeoutMs, agentIds, except, found, stop } = scan;
  let read = 0;
  let batch: string[] = [];
  async function readBatch(): Promise<void> {
    const some = batch;
    batch = [];
    read += some.length;
    const readOne = async (workflowId: string) => {
      if (await isTo(scan, workflowId)) found.push(workflowId);
    };
    await Promise.all(some.map(readOne));
  }
  for await (const { execution } of listExecutions(client, { query, timeoutMs, signal: stop })) {
    const workflowId = execution?.workflowId ?? '';
    const id = parseWorkflowId(workflowId);
    if (id === undefined || !agentIds.includes(id.agentId) || except.has(workflowId)) continue;
    if (read === MOST_READ) return false;
    batch.push(workflowId);
    if (batch.length === AT_ONCE) await readBatch();
  }
  await readBatch();
  return true;
}

async function isTo(
  { client, timeoutMs, hashKeys, recipientHashes, stop }: Scan,
  workflowId: string,
): Promise<boolean> {
  try {
    const read = () => workflowInput(client, workflowId);
    const input = await withDeadline(client, { timeoutMs, extraMs: 500, signal: stop }, read);
    const { recipient } = (input ?? {}) as { readonly recipient?: unknown };
    if (typeof recipient !== 'string') return false;
    return hashKeys.some((key) => recipientHashes.includes(recipientHash(recipient, key)));
  } catch (error) {
    // It has closed meanwhile, and was deleted.
    if (isWorkflowMissing(error)) return false;
    throw error;
  }
}
