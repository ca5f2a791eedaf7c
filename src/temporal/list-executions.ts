import type { WorkflowClient } from '@temporalio/client';
import { withDeadline } from './deadline.js';

type ListResponse = Awaited<ReturnType<WorkflowClient['workflowService']['listWorkflowExecutions']>>;
/** An entry of Temporal's index as the server sent it: its memo is not decoded, and may be encrypted. */
export type RawExecution = NonNullable<ListResponse['executions']>[number];

/** A list filter: closed without a result. */
export const CLOSED_WITHOUT_RESULT = "ExecutionStatus IN ('Failed', 'Terminated', 'TimedOut', 'Canceled')";

/**
 * The workflows that match a list filter. Unlike the SDK's own list, it does not fail on a memo that can't be decrypted.
 * `timeoutMs` is for each page. Throws gRPC's errors, and an AbortError on abort.
 */
export async function* listExecutions(
  client: WorkflowClient,
  {
    query,
    timeoutMs,
    pageSize = 200,
    signal,
  }: {
    readonly query: string;
    readonly timeoutMs: number;
    readonly pageSize?: number;
    readonly signal?: AbortSignal | undefined;
  },
): AsyncGenerator<RawExecution, void, undefined> {
  const { namespace } = client.options;
  let nextPageToken: Uint8Array | undefined;
  do {
    const request = { namespace, query, pageSize, ...(nextPageToken !== undefined && { nextPageToken }) };
    const page = await withDeadline(client, { timeoutMs, extraMs: 500, signal }, () =>
      client.workflowService.listWorkflowExecutions(request),
    );
    yield* page.executions;
    nextPageToken = page.nextPageToken;
  } while (nextPageToken.length > 0);
}
