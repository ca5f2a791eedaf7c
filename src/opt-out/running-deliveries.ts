import { WorkflowNotFoundError, type WorkflowClient } from '@temporalio/client';
import { parseWorkflowId, WORKFLOW_TYPE } from '../contract/ids.js';
import { optedOutSignal, type OptedOutSignal } from '../contract/messages.js';
import type { OptOutInput } from '../contract/opt-out.js';
import { withDeadline } from '../temporal/deadline.js';
import { GrpcStatus, grpcStatusOf } from '../temporal/grpc-status.js';
import { listExecutions } from '../temporal/list-executions.js';
import { checkClient } from '../temporal/sdk-version.js';
import { parseHashKeys } from './recipient-hash.js';
import { unindexedDeliveries } from './unindexed-deliveries.js';

export interface SignalOptedOutRequest extends OptOutInput, OptedOutSignal {
  /** Workflow ids of deliveries that have had the signal. */
  readonly except: readonly string[];
}

export interface SignalOptedOutResult {
  /** Workflow ids. */
  readonly signalled: readonly string[];
  /** Some were left for the next call. */
  readonly more: boolean;
  /** What an operator has to correct before all of them can be found or signalled. No personal data. */
  readonly problem?: string;
}

/** The person's deliveries that have not closed, as far as Temporal's index knows them. It is some seconds behind. */
export interface RunningDeliveries {
  /** Sends each the signal `optedOut`. Throws if some could not get it now: repeat the call. */
  signalOptedOut(request: SignalOptedOutRequest, signal?: AbortSignal): Promise<SignalOptedOutResult>;
}

export interface RunningDeliveriesOptions {
  readonly client: WorkflowClient;
  /**
   * RECIPIENT_HASH_KEY. With it, deliveries that were started without a RecipientHash are found by reading their inputs.
   * Default: these are not found.
   */
  readonly recipientHashKey?: string | undefined;
  /** The time limit of one call to Temporal, in milliseconds. Default 10 000. */
  readonly timeoutMs?: number;
  /** The time limit of the search for deliveries without a RecipientHash, in milliseconds. Default 30 000. */
  readonly searchMs?: number;
}

/** One call signals at most this many, so that it ends well within an activity's time. */
const BATCH = 200;
/** How many signals are under way at the same time. */
const AT_ONCE = 20;

const UNLISTED =
  'this namespace lacks the search attribute RecipientHash, so deliveries in flight are not found: run rcs-delivery setup';
const TOO_MANY =
  'too many deliveries have no RecipientHash to look at them all: run rcs-delivery setup, and start deliveries with it';
const REFUSED = 'Temporal refused the signal to a delivery';

export function createRunningDeliveries(options: RunningDeliveriesOptions): RunningDeliveries {
  const { client, recipientHashKey, timeoutMs = 10_000, searchMs = 30_000 } = options;
  checkClient(client, 'WorkflowClient');
  const hashKeys = recipientHashKey === undefined ? undefined : parseHashKeys(recipientHashKey);
  const send = (workflowId: string, payload: OptedOutSignal) =>
    withDeadline(client, { timeoutMs, extraMs: 500 }, () =>
      client.getHandle(workflowId).signal(optedOutSignal, payload),
    );

  /** True if Temporal refused it for good: the delivery has had its limit of signals, for example. */
  async function isRefused(workflowId: string, payload: OptedOutSignal): Promise<boolean> {
    try {
      await send(workflowId, payload);
      return false;
    } catch (error) {
      if (error instanceof WorkflowNotFoundError) return false; // It has closed meanwhile.
      if (grpcStatusOf(error) === GrpcStatus.INVALID_ARGUMENT) return true;
      throw error;
    }
  }

  /** Signals the first {@link BATCH} of them. */
  async function signalEach(
    found: readonly string[],
    { source, sendTime }: OptedOutSignal,
    signal: AbortSignal | undefined,
  ): Promise<SignalOptedOutResult> {
    const signalled = found.slice(0, BATCH);
    let refused = false;
    for (let at = 0; at < signalled.length; at += AT_ONCE) {
      signal?.throwIfAborted();
      const some = signalled.slice(at, at + AT_ONCE).map((workflowId) => isRefused(workflowId, { source, sendTime }));
      refused = (await Promise.all(some)).includes(true) || refused;
    }
    return { signalled, more: found.length > BATCH, ...(refused && { problem: REFUSED }) };
  }

  return {
    async signalOptedOut({ recipientHashes, agentIds, except, ...payload }, signal) {
      const search = { client, timeoutMs, recipientHashes, agentIds, signal };
      const indexed = await runningDeliveries({ ...search, except });
      if (indexed !== undefined && (indexed.length > 0 || hashKeys === undefined)) {
        const result = await signalEach(indexed, payload, signal);
        // The slow search is left to the next call. If it fails, the workflow knows that these have had the signal.
        return hashKeys === undefined ? result : { ...result, more: true };
      }
      if (hashKeys === undefined) return { signalled: [], more: false, problem: UNLISTED };
      const unindexed = await unindexedDeliveries({ ...search, searchMs, hashKeys, except: new Set(except) });
      const { problem, ...result } = await signalEach(unindexed.found, payload, signal);
      const first = problem ?? (unindexed.isIncomplete ? TOO_MANY : undefined);
      return { ...result, more: result.more || unindexed.more, ...(first !== undefined && { problem: first }) };
    },
  };
}

interface Search extends Required<Pick<RunningDeliveriesOptions, 'client' | 'timeoutMs'>>, OptOutInput {
  readonly except: readonly string[];
  readonly signal: AbortSignal | undefined;
}

/** Workflow ids, at most one more than {@link BATCH}. Undefined if the namespace has no RecipientHash. */
async function runningDeliveries(search: Search): Promise<readonly string[] | undefined> {
  const { client, timeoutMs, recipientHashes, agentIds, except, signal } = search;
  const hashes = recipientHashes.filter((hash) => /^[0-9a-f]{32}$/.test(hash)).map((hash) => `'${hash}'`);
  if (hashes.length === 0) return [];
  // A paused delivery is not `Running` in newer servers, and unknown to older ones. Neither kind has a CloseTime.
  const query = `WorkflowType = '${WORKFLOW_TYPE}' AND CloseTime IS NULL AND RecipientHash IN (${hashes.join(', ')})`;
  const known = new Set(except);
  const found: string[] = [];
  try {
    for await (const { execution } of listExecutions(client, { query, timeoutMs, signal })) {
      const workflowId = execution?.workflowId ?? '';
      const id = parseWorkflowId(workflowId);
      // By the id, since other starters may set no RbmAgentId.
      if (id === undefined || !agentIds.includes(id.agentId) || known.has(workflowId)) continue;
      found.push(workflowId);
      if (found.length > BATCH) break;
    }
  } catch (error) {
    if (grpcStatusOf(error) === GrpcStatus.INVALID_ARGUMENT) return undefined;
    throw error;
  }
  return found;
}
