import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { DataConverter } from '@temporalio/common';
import type { InjectedSinks, ReplayWorkerOptions, WorkerOptions } from '@temporalio/worker';
import { FAILURE_CONVERTER_PATH, forWorkflows } from '../encryption/data-converter.js';
import type { TracingSinks } from '../workflows/tracing.js';

/**
 * The workflow bundle that the build made for this converter, or the sources if there is none. There are two bundles,
 * since the SDK takes a failure converter from the bundle only. The one for encryption hides failure messages, which is
 * of no use without a codec.
 */
export function workflowCode(
  converter: DataConverter | undefined,
): Pick<WorkerOptions, 'workflowBundle' | 'workflowsPath' | 'interceptors'> {
  const bundle = bundleFor(converter);
  const codePath = bundle && fileURLToPath(new URL(`../${bundle}`, import.meta.url));
  if (codePath !== undefined && existsSync(codePath)) return { workflowBundle: { codePath } };
  const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
  const source = (name: string) => fileURLToPath(new URL(`../workflows/${name}.${extension}`, import.meta.url));
  return { workflowsPath: source('index'), interceptors: { workflowModules: [source('tracing')] } };
}

/** Undefined for an embedder's own converter, which the SDK bundles with the sources. */
function bundleFor({ failureConverterPath, payloadConverterPath }: DataConverter = {}): string | undefined {
  if (payloadConverterPath !== undefined) return undefined;
  if (failureConverterPath === undefined) return 'workflow-bundle.js';
  return failureConverterPath === FAILURE_CONVERTER_PATH ? 'workflow-bundle-encrypting.js' : undefined;
}

/** Workflows report their spans even without tracing (src/workflows/tracing.ts). Here they are dropped. */
export const UNTRACED: InjectedSinks<TracingSinks> = { tracing: { span: { fn: () => undefined } } };

/** For `Worker.runReplayHistories`: the workflow code that a worker with this converter runs. */
export function replayOptions(given: DataConverter | undefined): ReplayWorkerOptions {
  const dataConverter = forWorkflows(given);
  return { ...workflowCode(dataConverter), ...(dataConverter && { dataConverter }), sinks: UNTRACED };
}
