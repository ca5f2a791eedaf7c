import type { WorkflowClient } from '@temporalio/client';
import type { Payload } from '@temporalio/common';
import proto from '@temporalio/proto';
import { isObject } from '../contract/check.js';
import { FailureType } from '../contract/failures.js';

const { HistoryEventFilterType, WorkflowExecutionStatus } = proto.temporal.api.enums.v1;

/*
 * What the history of a delivery's latest run says about its start and its end. The calls are made directly: the SDK's
 * describe() fails if it can't decrypt the memo. They need no worker, and throw gRPC's error if Temporal refuses.
 */

/** Whether it closed without doing anything, because another starter gave it an invalid input. */
export async function failedOnInput(client: WorkflowClient, workflowId: string): Promise<boolean> {
  const { workflowService, options } = client;
  const which = { namespace: options.namespace, execution: { workflowId } };
  const { workflowExecutionInfo } = await workflowService.describeWorkflowExecution(which);
  if (workflowExecutionInfo?.status !== WorkflowExecutionStatus.WORKFLOW_EXECUTION_STATUS_FAILED) return false;
  // While a workflow runs, the server would wait for this event.
  const historyEventFilterType = HistoryEventFilterType.HISTORY_EVENT_FILTER_TYPE_CLOSE_EVENT;
  const end = await historyEvent(client, workflowId, { historyEventFilterType });
  const failure = end?.workflowExecutionFailedEventAttributes?.failure;
  return failure?.applicationFailureInfo?.type === FailureType.InvalidInput;
}

/**
 * The input that it was started with. Undefined if this client can't read it: it is encrypted with other keys, or was
 * written by another data converter.
 */
export async function inputOfExisting(client: WorkflowClient, workflowId: string): Promise<object | undefined> {
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

async function historyEvent(
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
