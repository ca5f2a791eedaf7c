import { join } from 'node:path';
import type { OnProgress } from '../terminal/progress.js';
import { findOnPath } from './find-on-path.js';
import { runTool } from './run-tool.js';

/** The newest release that `go install` accepts. Later ones have a `replace` directive in their go.mod. */
const VERSION = '1.5.1';
const MODULE = 'github.com/temporalio/cli';
const USUALLY = '2 to 6 min';
const LIMIT_MS = 30 * 60_000;

export interface GoInstallOptions {
  readonly into: string;
  readonly env: NodeJS.ProcessEnv;
  readonly onProgress: OnProgress;
}

/** Builds Temporal's command line program from source. Returns the path of the executable. */
export async function goInstall({ into, env, onProgress }: GoInstallOptions): Promise<string> {
  const go = await findOnPath('go', env);
  if (go === undefined) throw new Error('there is no "go" on PATH');
  onProgress(`building Temporal ${VERSION} with Go instead, once: usually ${USUALLY}`);
  await runTool({
    command: go,
    // No debugging symbols, which saves a third of the size. Sets the version as Temporal's release build does.
    args: [
      'install',
      `-ldflags=-s -w -X ${MODULE}/temporalcli.Version=${VERSION}`,
      `${MODULE}/cmd/temporal@v${VERSION}`,
    ],
    env: { ...env, GOBIN: into },
    cwd: into,
    limitMs: LIMIT_MS,
    onTick: (elapsed) => {
      onProgress(`building Temporal ${VERSION} with Go: ${elapsed} of usually ${USUALLY}`, 'passing');
    },
  });
  return join(into, 'temporal');
}
