import type { WorkflowClient } from '@temporalio/client';
import type { Payload } from '@temporalio/common';
import type proto from '@temporalio/proto';
import { isObject } from '../contract/check.js';

/*
 * What the history of a workflow's latest run says. The calls are made directly: the SDK's describe() fails if it can't
 * decrypt the memo. They need no worker, and throw gRPC's error if Temporal refuses.
 */

/**
 * The input that the workflow was started with. Undefined if this client can't read it: it is encrypted with other keys, or
 * was written by another data converter.
 */
export async function workflowInput(client: WorkflowClient, workflowId: string): Promise<object | undefined> {
  const start = await historyEvent(client, workflowId, { maximumPageSize: 1 });
  const [payload] = start?.workflowExecutionStartedEventAttributes?.input?.payloads ?? [];
  if (payload === undefined) return undefined;
  try {
    const input = await decoded(client, workflowId, payload);
    return isObject(input) ? input : undefined;
  } catch {
    return undefined;
  }
}

/** The first event of a history, or of the part that is asked for. */
export async function historyEvent(
  { workflowService, options: { namespace } }: WorkflowClient,
  workflowId: string,
  which: {
    readonly maximumPageSize?: number;
    readonly historyEventFilterType?: proto.temporal.api.enums.v1.HistoryEventFilterType;
  },
) {
  const request = { namespace, execution: { workflowId }, ...which };
  const { history } = await workflowService.getWorkflowExecutionHistory(request);
  return history?.events?.[0];
}

/** As the SDK decodes the payloads of a workflow: the codecs from the last to the first, then the converter. */
async function decoded({ options }: WorkflowClient, workflowId: string, payload: Payload): Promise<unknown> {
  const { payloadCodecs, payloadConverter } = options.loadedDataConverter;
  const context = { type: 'workflow', namespace: options.namespace, workflowId } as const;
  let payloads = [payload];
  for (const codec of [...payloadCodecs].reverse()) payloads = await codec.decode(payloads, context);
  const [plain] = payloads;
  return plain === undefined ? undefined : payloadConverter.fromPayload(plain, context);
}
