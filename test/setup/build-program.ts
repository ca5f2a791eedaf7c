import { spawnSync } from 'node:child_process';
import { PROJECT_ROOT } from '../../dev/temporal/project-paths.js';

/** Builds dist once per run, so that no test's time limit has to cover it. Takes a second when dist is up to date. */
export function setup(): void {
  const args = ['--import', 'tsx', 'dev/build/build.ts'];
  const { status } = spawnSync(process.execPath, args, { cwd: PROJECT_ROOT, stdio: 'inherit' });
  if (status !== 0) throw new Error('dist could not be built');
}
