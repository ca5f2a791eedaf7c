import { WorkflowNotFoundError, type WorkflowClient } from '@temporalio/client';
import { defineSearchAttributeKey, type SearchAttributePair } from '@temporalio/common';
import proto from '@temporalio/proto';
import type { Agents } from '../contract/agents.js';
import { bareAgentId } from '../contract/ids.js';
import { inMarkdown } from '../contract/markdown.js';
import {
  OPT_OUT_MEMO,
  OPT_OUT_WORKFLOW_TYPE,
  optInSignal,
  optOutSignal,
  optOutWorkflowIdFor,
  type OptOutEntry,
  type OptOutId,
  type OptOutInput,
  type OptOutLookUp,
  type OptOutMemo,
  type OptOutPerson,
  type OptOuts,
  type OptOutStatus,
} from '../contract/opt-out.js';
import { SEARCH_ATTRIBUTES } from '../contract/search-attributes.js';
import { DEFAULT_TASK_QUEUE } from '../contract/task-queues.js';
import { createAttributedStart } from '../temporal/attributed-start.js';
import { isWorkflowMissing } from '../temporal/grpc-status.js';
import { checkClient } from '../temporal/sdk-version.js';
import { temporalCall } from '../temporal/temporal-call.js';
import { placesOf, type OptOutPlaces } from './opt-out-places.js';
import { parseHashKeys } from './recipient-hash.js';

export interface OptOutsOptions {
  /** Its namespace, data converter and interceptors are used as they are. */
  readonly client: WorkflowClient;
  /** RECIPIENT_HASH_KEY: one key, or several. The first one makes new opt-outs, all are looked up. */
  readonly recipientHashKey: string;
  /** The workers' task queue. Default `message-delivery`. */
  readonly taskQueue?: string | undefined;
  /** Which agents are one brand. Default: each agent is on its own. */
  readonly agents?: Agents | undefined;
  /** The time limit of each method, in milliseconds. Default 10 000. */
  readonly timeoutMs?: number | undefined;
}

/**
 * Opt-outs as workflows in Temporal. Every method throws a `TemporalUnavailableError` or a `TemporalRefusedError`. Throws
 * a TypeError for an empty key, and an `SdkVersionError` for a client of another version of Temporal's SDK.
 */
export function createOptOuts(options: OptOutsOptions): OptOuts & OptOutLookUp {
  const { client, taskQueue = DEFAULT_TASK_QUEUE, agents = [], timeoutMs = 10_000 } = options;
  checkClient(client, 'WorkflowClient');
  const hashKeys = parseHashKeys(options.recipientHashKey);
  const attributedStart = createAttributedStart();
  const call = <T>(work: () => Promise<T>) => temporalCall({ client, timeoutMs, answeredBy: 'server' }, work);
  const places = (person: OptOutPerson) => placesOf(person, { agents, hashKeys });

  return {
    add: (person, entry) =>
      call(async () => {
        const place = places(person);
        if (await hasOptedInSince(client, place, entry)) return;
        const workflowId = optOutWorkflowIdFor(place.own);
        const search = inputOf(person, place);
        await attributedStart(attributesOf(person, place.own), async (typedSearchAttributes) => {
          await client.signalWithStart(OPT_OUT_WORKFLOW_TYPE, {
            workflowId,
            taskQueue,
            args: [search],
            signal: optOutSignal,
            signalArgs: [entry, search],
            memo: { [OPT_OUT_MEMO]: { source: entry.source, since: entry.sendTime } satisfies OptOutMemo },
            staticSummary: `${place.own.scope}: opted out by ${inMarkdown(entry.source)} at ${inMarkdown(entry.sendTime)}`,
            ...(typedSearchAttributes !== undefined && { typedSearchAttributes }),
          });
        });
      }),
    remove: (person, entry) =>
      call(async () => {
        await Promise.all(places(person).ofKind.map((id) => signalIfRunning(client, id, entry)));
      }),
    isOptedOut: (person) =>
      call(async () => {
        const states = await Promise.all(places(person).effective.map((id) => stateOf(client, id)));
        return states.some(({ is }) => is === 'running');
      }),
  };
}

function inputOf({ channel }: OptOutPerson, { hashes, agentIds }: OptOutPlaces): OptOutInput {
  return { recipientHashes: hashes, agentIds: channel === 'sms' ? [] : agentIds };
}

function attributesOf({ agentId }: OptOutPerson, { recipientHash }: OptOutId): SearchAttributePair[] {
  const keyword = (name: 'RbmAgentId' | 'RecipientHash', value: string) => ({
    key: defineSearchAttributeKey(name, SEARCH_ATTRIBUTES[name]),
    value,
  });
  return [keyword('RecipientHash', recipientHash), keyword('RbmAgentId', bareAgentId(agentId))];
}

async function signalIfRunning(client: WorkflowClient, id: OptOutId, entry: OptOutEntry): Promise<void> {
  try {
    await client.getHandle(optOutWorkflowIdFor(id)).signal(optInSignal, entry);
  } catch (error) {
    if (!(error instanceof WorkflowNotFoundError)) throw error;
  }
}

const { WorkflowExecutionStatus: Status } = proto.temporal.api.enums.v1;
type RawStatus = proto.temporal.api.enums.v1.WorkflowExecutionStatus;
/** Every other status counts as running: PAUSED, and one that this version does not know. */
const ENDED: ReadonlySet<RawStatus | null | undefined> = new Set([
  Status.WORKFLOW_EXECUTION_STATUS_FAILED,
  Status.WORKFLOW_EXECUTION_STATUS_CANCELED,
  Status.WORKFLOW_EXECUTION_STATUS_TERMINATED,
  Status.WORKFLOW_EXECUTION_STATUS_TIMED_OUT,
]);

interface State {
  readonly is: 'running' | 'completed' | 'none';
  readonly runId?: string;
}

/**
 * Temporal answers from its record of the workflow, not from its index, so an opt-out is found as soon as it is durable.
 * The answer is not decoded: after years, the key that encrypted the memo may be gone.
 */
async function stateOf(client: WorkflowClient, id: OptOutId): Promise<State> {
  const execution = { workflowId: optOutWorkflowIdFor(id) };
  const { namespace } = client.options;
  try {
    const { workflowExecutionInfo: info } = await client.workflowService.describeWorkflowExecution({
      namespace,
      execution,
    });
    if (ENDED.has(info?.status)) return { is: 'none' };
    const is = info?.status === Status.WORKFLOW_EXECUTION_STATUS_COMPLETED ? 'completed' : 'running';
    return { is, runId: info?.execution?.runId ?? '' };
  } catch (error) {
    if (isWorkflowMissing(error)) return { is: 'none' };
    throw error;
  }
}

/**
 * Whether the person opted in later than this opt-out was said. RBM repeats events for seven days, so an old UNSUBSCRIBE
 * may come after a SUBSCRIBE. In doubt the answer is false: then the opt-out counts.
 */
async function hasOptedInSince(client: WorkflowClient, { ofKind }: OptOutPlaces, entry: OptOutEntry): Promise<boolean> {
  const untils = await Promise.all(
    ofKind.map(async (id) => {
      const { is, runId } = await stateOf(client, id);
      if (is !== 'completed') return undefined;
      // Its retention may end in between, or the key that encrypted it may be gone.
      const result: unknown = await client
        .result(optOutWorkflowIdFor(id), runId, { followRuns: false })
        .catch(() => undefined);
      return (result as OptOutStatus | undefined)?.until ?? undefined;
    }),
  );
  return untils.some((until) => until !== undefined && Date.parse(until) > Date.parse(entry.sendTime));
}
