import type { WorkflowClient } from '@temporalio/client';
import { parseWorkflowId, WORKFLOW_TYPE } from '../contract/ids.js';
import { withDeadline } from '../temporal/deadline.js';
import { GrpcStatus, grpcStatusOf } from '../temporal/grpc-status.js';
import { listExecutions } from '../temporal/list-executions.js';
import { workflowInput } from '../temporal/workflow-input.js';
import { recipientHash, type HashKeys } from './recipient-hash.js';

export interface UnindexedSearch {
  readonly client: WorkflowClient;
  readonly timeoutMs: number;
  readonly hashKeys: HashKeys;
  readonly recipientHashes: readonly string[];
  readonly agentIds: readonly string[];
  /** Workflow ids that are not looked at. */
  readonly except: ReadonlySet<string>;
}

/** Each costs a call to Temporal. */
const MOST_READ = 500;

export interface Unindexed {
  /** Workflow ids of the person's deliveries. */
  readonly found: readonly string[];
  /** There were too many to look at all. */
  readonly isIncomplete: boolean;
}

/**
 * The person's running deliveries among those that were started without RecipientHash: by another language's starter, or in
 * a namespace that lacks the attribute. Reads the input of each. Throws gRPC's errors.
 */
export async function unindexedDeliveries(search: UnindexedSearch): Promise<Unindexed> {
  const running = `WorkflowType = '${WORKFLOW_TYPE}' AND CloseTime IS NULL`;
  try {
    return await among(search, `${running} AND RecipientHash IS NULL`);
  } catch (error) {
    if (grpcStatusOf(error) !== GrpcStatus.INVALID_ARGUMENT) throw error;
    return among(search, running);
  }
}

async function among(search: UnindexedSearch, query: string): Promise<Unindexed> {
  const { client, timeoutMs, agentIds, except } = search;
  const found: string[] = [];
  let read = 0;
  for await (const { execution } of listExecutions(client, { query, timeoutMs })) {
    const workflowId = execution?.workflowId ?? '';
    const id = parseWorkflowId(workflowId);
    if (id === undefined || !agentIds.includes(id.agentId) || except.has(workflowId)) continue;
    if (read === MOST_READ) return { found, isIncomplete: true };
    read += 1;
    if (await isTo(search, workflowId)) found.push(workflowId);
  }
  return { found, isIncomplete: false };
}

async function isTo(search: UnindexedSearch, workflowId: string): Promise<boolean> {
  const { client, timeoutMs, hashKeys, recipientHashes } = search;
  const read = () => withDeadline(client, { timeoutMs, extraMs: 500 }, () => workflowInput(client, workflowId));
  const { recipient } = ((await read()) ?? {}) as { readonly recipient?: unknown };
  if (typeof recipient !== 'string') return false;
  return hashKeys.some((key) => recipientHashes.includes(recipientHash(recipient, key)));
}
