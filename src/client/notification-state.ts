import type { WorkflowClient } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import { decodeOptionalFailureToOptionalError } from '@temporalio/common/lib/internal-non-workflow/index.js';
import proto, { type temporal } from '@temporalio/proto';
import { isObject } from '../contract/check.js';
import { FailureType } from '../contract/failures.js';
import { workflowIdFor, type DeliveryId } from '../contract/ids.js';
import { parseNotificationWorkflowId } from '../contract/notification.js';
import { isWorkflowMissing } from '../temporal/grpc-status.js';
import { pendingRequests } from '../temporal/pending-requests.js';
import { millisecondsOf } from '../temporal/run-events.js';

/** Why an attempt to send a notification did not succeed. */
export interface NotificationFailure {
  /** A {@link FailureType}; `Timeout` if its time was over while it waited; otherwise an error's name. */
  readonly type: string;
  /** The receiver's answer. Absent if it gave none. */
  readonly httpStatus?: number;
  /** For people. Holds no part of the URL. */
  readonly message?: string;
}

interface NotificationBase extends DeliveryId {
  /** Of the workflow that sends it, `message-notification:{agentId}:{messageId}:{sequence}:{status}`. */
  readonly workflowId: string;
  /** The workflow id of the delivery. */
  readonly delivery: string;
  readonly sequence: number;
  /** The phase or outcome that it speaks of. */
  readonly status: string;
  /** When it was begun, or sent again. RFC 3339, as all times. */
  readonly startTime: string;
  /** Of the latest attempt that did not succeed. Absent if there was none, or if it can't be decrypted here. */
  readonly lastFailure?: NotificationFailure;
}

/** Still being sent. */
export interface PendingNotification extends NotificationBase {
  readonly state: 'pending';
  /** The attempts that did not succeed. */
  readonly failedAttempts: number;
  /** Absent while an attempt is under way or waits for a worker. */
  readonly nextAttemptTime?: string;
  /** When it is given up. Absent if no worker has begun it. */
  readonly givenUpTime?: string;
}

/** Given up: nobody tries it again, unless it is sent again. */
export interface FailedNotification extends NotificationBase {
  readonly state: 'failed';
  readonly failedTime: string;
  /** `FAILED`, or `TERMINATED`, `CANCELLED` or `TIMED_OUT` if somebody stopped the workflow. */
  readonly executionStatus: string;
}

export type UnacceptedNotification = PendingNotification | FailedNotification;

/** What has become of a notification. `gone`: Temporal does not keep it, or it is not one that a delivery started. */
export type NotificationState = UnacceptedNotification | { readonly state: 'accepted' } | { readonly state: 'gone' };

type Description = temporal.api.workflowservice.v1.IDescribeWorkflowExecutionResponse;
type Failure = temporal.api.failure.v1.IFailure;
const { WorkflowExecutionStatus: Status, HistoryEventFilterType } = proto.temporal.api.enums.v1;

export interface DescribedNotification {
  readonly state: NotificationState;
  /** The workflow's latest run; empty if it is gone. */
  readonly runId: string;
}

/** Asks Temporal's server, which needs no worker and is not behind, as its index is. Throws gRPC's errors. */
export async function describeNotification(client: WorkflowClient, workflowId: string): Promise<DescribedNotification> {
  const gone: DescribedNotification = { state: { state: 'gone' }, runId: '' };
  const place = parseNotificationWorkflowId(workflowId);
  if (place === undefined) return gone;
  const { namespace } = client.options;
  const description = await client.workflowService
    .describeWorkflowExecution({ namespace, execution: { workflowId } })
    .catch(unlessMissing);
  const info = description?.workflowExecutionInfo;
  const runId = info?.execution?.runId ?? '';
  const delivery = workflowIdFor(place);
  if (description === undefined || info?.parentExecution?.workflowId !== delivery) return gone;
  if (info.status === Status.WORKFLOW_EXECUTION_STATUS_COMPLETED) return { state: { state: 'accepted' }, runId };
  const base = { workflowId, delivery, ...place, startTime: timeOf(info.startTime) };
  const executionStatus = FAILED.get(info.status);
  if (executionStatus === undefined) return { state: { ...base, ...(await pending(client, description)) }, runId };
  const lastFailure = await closingFailure(client, { workflowId, runId });
  const failed = { state: 'failed', failedTime: timeOf(info.closeTime), executionStatus } as const;
  return { state: { ...base, ...failed, ...(lastFailure && { lastFailure }) }, runId };
}

const FAILED: ReadonlyMap<unknown, string> = new Map([
  [Status.WORKFLOW_EXECUTION_STATUS_FAILED, 'FAILED'],
  [Status.WORKFLOW_EXECUTION_STATUS_TERMINATED, 'TERMINATED'],
  [Status.WORKFLOW_EXECUTION_STATUS_TIMED_OUT, 'TIMED_OUT'],
  [Status.WORKFLOW_EXECUTION_STATUS_CANCELED, 'CANCELLED'],
]);

/** Undefined for a workflow that Temporal does not keep. */
export function unlessMissing(error: unknown): undefined {
  if (!isWorkflowMissing(error)) throw error;
}

type OfPending = Pick<
  PendingNotification,
  'state' | 'failedAttempts' | 'nextAttemptTime' | 'givenUpTime' | 'lastFailure'
>;

async function pending({ options }: WorkflowClient, description: Description): Promise<OfPending> {
  const [request] = await pendingRequests(description, options.loadedDataConverter);
  if (request === undefined) return { state: 'pending', failedAttempts: 0 };
  const { state, attempt, dueTime, lastTime } = request;
  const lastFailure = await readFailure({ options }, description.pendingActivities?.[0]?.lastFailure);
  // Temporal counts the attempt that is under way or comes next.
  const failedAttempts = attempt - 1;
  const waits = state === 'waiting' && failedAttempts > 0;
  return {
    state: 'pending',
    failedAttempts,
    ...(waits && dueTime !== undefined && { nextAttemptTime: dueTime }),
    ...(lastTime !== undefined && { givenUpTime: lastTime }),
    ...(lastFailure && { lastFailure }),
  };
}

/** Undefined for a run that somebody has terminated, for example: that says nothing of the receiver. */
async function closingFailure(
  { workflowService, options }: WorkflowClient,
  execution: { readonly workflowId: string; readonly runId: string },
): Promise<NotificationFailure | undefined> {
  const historyEventFilterType = HistoryEventFilterType.HISTORY_EVENT_FILTER_TYPE_CLOSE_EVENT;
  const request = { namespace: options.namespace, execution, historyEventFilterType };
  const page = await workflowService.getWorkflowExecutionHistory(request).catch(unlessMissing);
  const [event] = page?.history?.events ?? [];
  return readFailure({ options }, event?.workflowExecutionFailedEventAttributes?.failure);
}

/**
 * Undefined if there is none, or if this client can't decrypt it. Only the texts of this project's own failures are kept,
 * since those of other errors may hold anything.
 */
async function readFailure(
  { options }: Pick<WorkflowClient, 'options'>,
  failure: Failure | null | undefined,
): Promise<NotificationFailure | undefined> {
  const error = await decodeOptionalFailureToOptionalError(options.loadedDataConverter, failure).catch(() => undefined);
  if (error === undefined) return undefined;
  const application = applicationFailureIn(error);
  if (application === undefined) return { type: 'Timeout' };
  const { type, message } = application;
  const details: unknown = application.details?.[0];
  const httpStatus = isObject(details) ? details['httpStatus'] : undefined;
  return {
    type: type ?? 'Error',
    ...(typeof httpStatus === 'number' && { httpStatus }),
    ...(KNOWN.some((known) => known === type) && { message }),
  };
}

const KNOWN = [FailureType.NotifyFailed, FailureType.NotifyRefused, FailureType.ForeignNotification];

/** An activity's failure wraps it, and so does a timeout after the last attempt. */
function applicationFailureIn(error: unknown): ApplicationFailure | undefined {
  if (error instanceof ApplicationFailure) return error;
  return error instanceof Error && error.cause !== undefined ? applicationFailureIn(error.cause) : undefined;
}

const timeOf = (time: Parameters<typeof millisecondsOf>[0]) => new Date(millisecondsOf(time)).toISOString();
