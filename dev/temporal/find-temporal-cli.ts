import { execFile } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { OnProgress } from '../terminal/progress.js';
import { findOnPath, isExecutable } from './find-on-path.js';
import { goInstall } from './go-install.js';
import { indented, obtain, type FailureReasons } from './obtain.js';
import { officialDownload } from './official-download.js';
import { PROJECT_CACHE } from './project-paths.js';

/** Where to look for a program. */
export interface FindOptions {
  /** Gets what was found, and how far a download or build is. */
  readonly onProgress?: OnProgress;
  /** Holds PATH and the like. Default: this process's environment. */
  readonly env?: NodeJS.ProcessEnv;
  /** Keeps what was downloaded or built. Default: a folder in the project's cache. */
  readonly cacheDir?: string;
  /** A download without new data for this long is given up. Default: 15 seconds. */
  readonly downloadSilenceMs?: number;
}

export interface FoundProgram {
  readonly path: string;
  /** Which program this is and where it was found, for a person to read. */
  readonly source: string;
}

/**
 * Finds the `temporal` command line program, which holds a Temporal server and its Web UI. Looks at TEMPORAL_CLI_PATH,
 * PATH and the project's cache; then downloads it as `@temporalio/testing` does; then builds it with Go. If all fail, the
 * error says what would help and why each way failed.
 */
export async function findTemporalCli(options: FindOptions = {}): Promise<FoundProgram> {
  const { onProgress = () => undefined, env = process.env, downloadSilenceMs: silenceMs } = options;
  const cached = join(options.cacheDir ?? join(PROJECT_CACHE, 'temporal'), 'temporal');

  const present = await findPresent({ env, cached, onProgress });
  if (present !== undefined) return present;

  const download = async (workDir: string) => {
    const into = join(workDir, 'download');
    await mkdir(into);
    return officialDownload({ what: 'dev-server', into, env, onProgress, silenceMs });
  };
  const build = (workDir: string) => goInstall({ into: workDir, env, onProgress });
  const source = await obtain({
    target: cached,
    title: 'Temporal dev server',
    download,
    build,
    tool: 'Go',
    advice,
    onProgress,
  });
  return describe(cached, source);
}

interface PresentOptions {
  readonly env: NodeJS.ProcessEnv;
  readonly cached: string;
  readonly onProgress: OnProgress;
}

async function findPresent({ env, cached, onProgress }: PresentOptions): Promise<FoundProgram | undefined> {
  const named = env['TEMPORAL_CLI_PATH'] ?? '';
  if (named !== '') return describe(named, 'TEMPORAL_CLI_PATH');
  const onPath = await findOnPath('temporal', env);
  if (onPath !== undefined) {
    const found = await describe(onPath, `PATH, ${onPath}`).catch(() => undefined);
    if (found !== undefined) return found;
    onProgress(`${onPath} is not Temporal's command line program: looking further`);
  }
  return (await isExecutable(cached)) ? describe(cached, "the project's cache") : undefined;
}

/** Throws if this is not Temporal's command line program. */
async function describe(path: string, origin: string): Promise<FoundProgram> {
  const { stdout } = await promisify(execFile)(path, ['--version'], { timeout: 30_000 }).catch((error: unknown) => {
    throw new Error(`${path} (${origin}) does not answer to --version.`, { cause: error });
  });
  const version = /temporal version (.+)/.exec(stdout)?.[1];
  if (version === undefined) throw new Error(`${path} (${origin}) is not Temporal's command line program.`);
  return { path, source: `temporal ${version}, ${origin}` };
}

const advice = (reason: FailureReasons) => `There is no Temporal dev server here. Any of these helps:
  1. Set TEMPORAL_ADDRESS to the address of a Temporal server that is running.
  2. Put the program "temporal" on PATH, or name it in TEMPORAL_CLI_PATH:
     https://docs.temporal.io/cli
  3. Let this machine download it from https://temporal.download
${indented(reason.download)}
  4. Install Go from https://go.dev/dl and let it use its module proxy.
${indented(reason.build)}`;
