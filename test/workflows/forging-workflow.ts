import {
  ActivityFailure,
  ApplicationFailure,
  ChildWorkflowFailure,
  executeChild,
  proxyActivities,
} from '@temporalio/workflow';

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

/** The same without a messageNotification: it runs an activity, once. */
export async function forgeActivity(taskQueue: string, name: string, request: unknown): Promise<string> {
  const options = { taskQueue, startToCloseTimeout: '10s', retry: { maximumAttempts: 1 } } as const;
  const activities = proxyActivities<Record<string, (request: unknown) => Promise<unknown>>>(options);
  try {
    await activities[name]?.(request);
    return 'done';
  } catch (error) {
    return typeOf(error instanceof ActivityFailure ? error.cause : error);
  }
}

const typeOf = (error: unknown): string =>
  error instanceof ApplicationFailure
    ? `${error.type ?? ''}, ${error.nonRetryable ? 'final' : 'retried'}`
    : String(error);
