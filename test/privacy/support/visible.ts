import type { Client } from '@temporalio/client';

/** Payloads that hold a delivery's data by design: what encryption is for. A signal's name is its sender's word. */
const BY_DESIGN = new Set(['input', 'result', 'lastHeartbeatDetails', 'heartbeatDetails', 'signalName', 'details']);
/** No codec reaches it. */
const NEVER_ENCRYPTED = new Set(['signalName']);

/**
 * Everything that Temporal shows of one workflow beside the payloads of its data: ids, memo, search attributes, summaries
 * and details, failures with their stack traces and their own details, and what the workflow tells the Web UI.
 * With `payloads`, those of its data too, as Temporal stores them.
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

/** protobuf's messages as what JSON makes of them. */
const plain = (message: unknown): unknown => JSON.parse(JSON.stringify(message));

type Json = Readonly<Record<string, unknown>>;

function readable(value: unknown, hidden: ReadonlySet<string>, inFailure = false): unknown {
  if (Array.isArray(value)) return value.map((item) => readable(item, hidden, inFailure));
  if (typeof value !== 'object' || value === null) return value;
  const { data, metadata } = value as Json;
  if (typeof data === 'string' && metadata !== undefined) return Buffer.from(data, 'base64').toString();
  return Object.fromEntries(
    Object.entries(value as Json).flatMap(([key, part]) => {
      const ours = inFailure || /failure/i.test(key);
      return hidden.has(key) && !ours ? [] : [[key, readable(part, hidden, ours)]];
    }),
  );
}
