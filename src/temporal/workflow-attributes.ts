import type { WorkflowClient } from '@temporalio/client';

/**
 * The search attributes of a workflow's latest run, which no codec encrypts, by name. Reads Temporal's record of the
 * workflow, not its index, and so needs no permission to list. Throws gRPC's error if Temporal refuses.
 */
export async function workflowAttributes(
  { workflowService, options: { namespace } }: WorkflowClient,
  workflowId: string,
): Promise<Readonly<Record<string, unknown>>> {
  const request = { namespace, execution: { workflowId } };
  const { workflowExecutionInfo: info } = await workflowService.describeWorkflowExecution(request);
  const fields = Object.entries(info?.searchAttributes?.indexedFields ?? {});
  return Object.fromEntries(fields.map(([name, { data }]) => [name, valueIn(data)]));
}

function valueIn(data: Uint8Array | null | undefined): unknown {
  try {
    return JSON.parse(Buffer.from(data ?? []).toString('utf8'));
  } catch {
    return undefined;
  }
}
