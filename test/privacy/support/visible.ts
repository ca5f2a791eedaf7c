import type { Client } from '@temporalio/client';

/** Fields that hold a delivery's data, for which encryption exists. A signal's name is chosen by its sender. */
const BY_DESIGN = new Set(['input', 'result', 'lastHeartbeatDetails', 'heartbeatDetails', 'signalName', 'details']);
/** Temporal does not pass a signal's name through the codec. */
const NEVER_ENCRYPTED = new Set(['signalName']);

/**
 * Returns everything that Temporal shows about a workflow, except the payloads of its data: ids, memo, search attributes,
 * summaries, failures, and the details in the Web UI. With `payloads`, also those payloads, as Temporal stores them.
 */
export async function visibleOf(
  client: Client,
  workflowId: string,
  { payloads }: { readonly payloads: boolean },
): Promise<string> {
  const hidden = payloads ? NEVER_ENCRYPTED : BY_DESIGN;
  const { namespace } = client.options;
  const execution = { workflowId };
  const described = await client.workflowService.describeWorkflowExecution({ namespace, execution });
  const history = await client.workflow.getHandle(workflowId).fetchHistory();
  const details: unknown = await client.workflow
    .getHandle(workflowId)
    .query('__temporal_workflow_metadata')
    .catch((error: unknown) => String(error));
  return [plain(described), plain(history), details].map((part) => JSON.stringify(readable(part, hidden))).join('\n');
}

/** Converts protobuf's messages to plain JSON values. */
const plain = (message: unknown): unknown => JSON.parse(JSON.stringify(message));

type Json = Readonly<Record<string, unknown>>;

function readable(value: unknown, hidden: ReadonlySet<string>, inFailure = false): unknown {
  if (Array.isArray(value)) return value.map((item) => readable(item, hidden, inFailure));
  if (typeof value !== 'object' || value === null) return value;
  const { data, metadata } = value as Json;
  if (typeof data === 'string' && metadata !== undefined) return Buffer.from(data, 'base64').toString();
  return Object.fromEntries(
    Object.entries(value as Json).flatMap(([key, part]) => {
      const partOfFailure = inFailure || /failure/i.test(key);
      return hidden.has(key) && !partOfFailure ? [] : [[key, readable(part, hidden, partOfFailure)]];
    }),
  );
}
