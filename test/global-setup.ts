import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { prepareServers } from '../dev/temporal/prepare-servers.js';

const ROOT = fileURLToPath(new URL('..', import.meta.url));

/** Once per run, so that no test's time limit has to cover a build or a download. What fails here fails the run, at once. */
export async function setup(): Promise<void> {
  buildProgram();
  await prepareServers({
    // The tests kill their Temporal servers: they never use one that somebody else has started.
    env: { ...process.env, TEMPORAL_ADDRESS: '' },
    onProgress: (line) => {
      console.log(`temporal: ${line}`);
    },
  });
}

/** Does nothing, and quickly, when dist is up to date. */
function buildProgram(): void {
  const args = ['--import', 'tsx', 'dev/build/build.ts'];
  const { status } = spawnSync(process.execPath, args, { cwd: ROOT, stdio: 'inherit' });
  if (status !== 0) throw new Error('dist could not be built');
}
