import type { WorkflowClient } from '@temporalio/client';
import type { Payload } from '@temporalio/common';
import { isObject } from '../contract/check.js';
import {
  isSmsScope,
  OPT_OUT_MEMO,
  OPT_OUT_WORKFLOW_TYPE,
  parseOptOutWorkflowId,
  type OptOutId,
} from '../contract/opt-out.js';
import { listExecutions, type RawExecution } from '../temporal/list-executions.js';
import { temporalCall } from '../temporal/temporal-call.js';

/** An opt-out that lasts, as Temporal lists it. A change shows after some seconds. */
export interface OptOutSummary extends OptOutId {
  readonly workflowId: string;
  /** `sms`: from SMS alone. Absent: from every message. */
  readonly channel?: 'sms';
  /** When the person opted out, RFC 3339. */
  readonly since: string;
  /** Where the opt-out came from. Absent if its memo can't be read, as when the key that encrypted it is gone. */
  readonly source?: string;
}

export interface ListOptOutsOptions {
  readonly client: WorkflowClient;
  readonly timeoutMs: number;
  /** Only these scopes. Default: all. */
  readonly scopes?: readonly string[] | undefined;
  readonly limit?: number | undefined;
}

/** The opt-outs that last. Throws a `DeliveryError`. */
export async function* listOptOuts(options: ListOptOutsOptions): AsyncGenerator<OptOutSummary, void, undefined> {
  const { client, timeoutMs, scopes, limit = Infinity } = options;
  // As for deliveries in flight: a paused one has no CloseTime either.
  const query = `WorkflowType = '${OPT_OUT_WORKFLOW_TYPE}' AND CloseTime IS NULL`;
  const found = listExecutions(client, { query, timeoutMs })[Symbol.asyncIterator]();
  for (let listed = 0; listed < limit;) {
    const next = await temporalCall({ client, timeoutMs, answeredBy: 'server' }, () => found.next());
    if (next.done === true) return;
    const id = parseOptOutWorkflowId(next.value.execution?.workflowId ?? '');
    if (id === undefined || (scopes !== undefined && !scopes.includes(id.scope))) continue;
    listed += 1;
    yield await summaryOf(client, id, next.value);
  }
}

async function summaryOf(client: WorkflowClient, id: OptOutId, listed: RawExecution): Promise<OptOutSummary> {
  const { execution, startTime, memo } = listed;
  const { source, since } = await readMemo(client, memo?.fields?.[OPT_OUT_MEMO]);
  const started = new Date(Number(startTime?.seconds ?? 0) * 1_000).toISOString();
  return {
    workflowId: execution?.workflowId ?? '',
    ...id,
    ...(isSmsScope(id.scope) && { channel: 'sms' }),
    since: since ?? started,
    ...(source !== undefined && { source }),
  };
}

/** Empty if it can't be read. */
async function readMemo(
  client: WorkflowClient,
  payload: Payload | undefined,
): Promise<{ source?: string; since?: string }> {
  if (payload === undefined) return {};
  const { payloadConverter, payloadCodecs } = client.options.loadedDataConverter;
  try {
    let payloads = [payload];
    for (const codec of payloadCodecs.toReversed()) payloads = await codec.decode(payloads);
    const [decoded = payload] = payloads;
    const memo = payloadConverter.fromPayload<unknown>(decoded);
    const { source, since } = isObject(memo) ? memo : {};
    return { ...(typeof source === 'string' && { source }), ...(typeof since === 'string' && { since }) };
  } catch {
    return {};
  }
}
