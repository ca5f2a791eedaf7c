import type { TestProject } from 'vitest/node';
import { createProgress } from '../../dev/terminal/progress.js';
import { startDevServer } from '../../dev/temporal/dev-server.js';
import { prepareServers } from '../../dev/temporal/prepare-servers.js';

declare module 'vitest' {
  export interface ProvidedContext {
    /** Where the Temporal server of this run listens. undefined in a project without it. */
    temporalAddress: string | undefined;
  }
}

/**
 * Gets Temporal's two servers, which takes minutes on a new machine, and starts the dev server that the test files share.
 * The run fails at once if there is none.
 */
export async function setup({ provide }: TestProject): Promise<() => Promise<void>> {
  // Some tests kill their servers, so the run never uses a server that it has not started.
  const env = { ...process.env, TEMPORAL_ADDRESS: '' };
  await prepareServers({
    env,
    // Vitest redraws the terminal itself, so lines are only added.
    onProgress: createProgress({ out: { write: (text) => process.stdout.write(text) }, prefix: 'temporal: ' }),
  });
  const server = await startDevServer({ env });
  provide('temporalAddress', server.address);
  return server.stop;
}
