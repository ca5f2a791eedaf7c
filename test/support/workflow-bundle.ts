import { fileURLToPath } from 'node:url';
import type { InjectedSinks, WorkerOptions } from '@temporalio/worker';
import type { TracingSinks } from '../../src/workflows/tracing.js';

const sinks: InjectedSinks<TracingSinks> = { tracing: { span: { fn: () => undefined } } };

/** The workflows as the build bundled them. To bundle the sources takes each test file some seconds. */
export const builtWorkflows = {
  workflowBundle: { codePath: fileURLToPath(new URL('../../dist/workflow-bundle.js', import.meta.url)) },
  sinks,
} satisfies Partial<WorkerOptions>;
