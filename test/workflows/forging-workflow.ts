import {
  ActivityFailure,
  ApplicationFailure,
  ChildWorkflowFailure,
  executeChild,
  proxyActivities,
} from '@temporalio/workflow';
import type { NotificationActivities } from '../../src/activities/notification-activities.js';
import type { NotifyRequest } from '../../src/notify/notifier.js';

export interface Forgery {
  readonly taskQueue: string;
  readonly workflowId: string;
  readonly input: unknown;
}

/** Somebody else's workflow, which starts a messageNotification. Returns the type of the failure, or `signed`. */
export async function forge({ taskQueue, workflowId, input }: Forgery): Promise<string> {
  try {
    await executeChild('messageNotification', { taskQueue, workflowId, args: [input] });
    return 'signed';
  } catch (error) {
    return typeOf(error instanceof ChildWorkflowFailure ? error.cause : error);
  }
}

/** The same without a messageNotification: it runs its activity. */
export async function forgeActivity(taskQueue: string, request: NotifyRequest): Promise<string> {
  const { notify } = proxyActivities<NotificationActivities>({ taskQueue, startToCloseTimeout: '10s' });
  try {
    await notify(request);
    return 'signed';
  } catch (error) {
    return typeOf(error instanceof ActivityFailure ? error.cause : error);
  }
}

const typeOf = (error: unknown): string =>
  error instanceof ApplicationFailure
    ? `${error.type ?? ''}, ${error.nonRetryable ? 'final' : 'retried'}`
    : String(error);
