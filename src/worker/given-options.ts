import type { WorkerOptions } from '@temporalio/worker';

/** An embedder may set any other option of Temporal's Worker. */
export type GivenOptions = Omit<Partial<WorkerOptions>, 'taskQueue' | 'activities'>;

/**
 * Our options of one Worker, and over them those that an embedder gives for all. Temporal accepts numbers of slots only
 * without a tuner, and workflows from one source only; a Worker without workflows gets none.
 */
export function withGiven(ours: WorkerOptions, given: GivenOptions = {}): WorkerOptions {
  const { workflowBundle, workflowsPath, sinks, ...others } = given;
  const hasOwnSlots = Object.keys(given).some((name) => /^maxConcurrent.*Executions$/.test(name));
  const hasWorkflows = ours.workflowBundle !== undefined || ours.workflowsPath !== undefined;
  const ownCode = workflowBundle === undefined ? workflowsPath && { workflowsPath } : { workflowBundle };
  const { tuner, workflowBundle: bundle, workflowsPath: path, ...rest } = ours;
  const code = bundle === undefined ? path !== undefined && { workflowsPath: path } : { workflowBundle: bundle };
  return {
    ...rest,
    ...(hasWorkflows && (ownCode ?? code)),
    ...(tuner !== undefined && !hasOwnSlots && { tuner }),
    ...others,
    // The given one, made for workflows.
    ...(ours.dataConverter !== undefined && { dataConverter: ours.dataConverter }),
    sinks: { ...ours.sinks, ...sinks },
  };
}
