import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { InjectedSinks, WorkerOptions, WorkflowBundleOption } from '@temporalio/worker';
import type { TracingSinks } from '../../src/workflows/tracing.js';

const pathOf = (name: string) => fileURLToPath(new URL(`../../dist/${name}.js`, import.meta.url));
const codePath = pathOf('workflow-bundle');
const sinks: InjectedSinks<TracingSinks> = { tracing: { span: { fn: () => undefined } } };

/** The workflows as the build bundled them. To bundle the sources takes each test file some seconds. */
export const builtWorkflows = { workflowBundle: { codePath }, sinks } satisfies Partial<WorkerOptions>;

/** The same for a worker with keys: failures are encrypted too. */
export const encryptingWorkflows = {
  workflowBundle: { codePath: pathOf('workflow-bundle-encrypting') },
  sinks,
} satisfies Partial<WorkerOptions>;

/** Where the SDK's bundle lists the interceptors. There is only the tracing interceptor. */
const INTERCEPTORS = /(?<=exports\.importInterceptors = function importInterceptors\(\) \{\s*return )\[[^\]]*\]/;

/** The same workflows without the tracing interceptor. */
export function withoutTracing(): WorkflowBundleOption {
  const built = readFileSync(codePath, 'utf8');
  const code = built.replace(INTERCEPTORS, '[]');
  if (code === built) throw new Error('The workflow bundle lists its interceptors in another way.');
  return { code };
}
