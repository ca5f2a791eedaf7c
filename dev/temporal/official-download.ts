import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { OnProgress } from '../terminal/progress.js';
import { messageOf } from './message-of.js';
import { PROJECT_ROOT } from './project-paths.js';
import { runTool } from './run-tool.js';

const SCRIPT = fileURLToPath(new URL('./official-download-process.ts', import.meta.url));
const LIMIT_MS = 15 * 60_000;

export interface OfficialDownloadOptions {
  readonly what: 'dev-server' | 'time-skipping';
  /** An empty folder. */
  readonly into: string;
  readonly env: NodeJS.ProcessEnv;
  readonly onProgress: OnProgress;
  /** Give up after this long without new data. Default: 15 seconds. */
  readonly silenceMs?: number | undefined;
}

/**
 * Lets `@temporalio/testing` download its server. Returns the path of the executable. The download runs in a process of
 * its own, because the SDK offers no way to watch or stop it.
 */
export async function officialDownload(options: OfficialDownloadOptions): Promise<string> {
  const { what, into, env, onProgress, silenceMs = 15_000 } = options;
  let bytes = 0;
  let lastGrowth = 0;
  const endEarly = (elapsedMs: number) => {
    if (finishedIn(into) !== undefined) return 'finished';
    const now = sizeOf(into);
    if (now !== bytes) [bytes, lastGrowth] = [now, elapsedMs];
    return elapsedMs - lastGrowth > silenceMs ? `no answer for ${Math.round(silenceMs / 1000)} s` : undefined;
  };
  const onTick = (elapsed: string) => {
    onProgress(`downloading from temporal.download: ${Math.round(bytes / 1e6)} MB in ${elapsed}`, 'passing');
  };
  const failure = await runTool({
    command: process.execPath,
    args: ['--import', 'tsx', SCRIPT, what, into],
    cwd: PROJECT_ROOT,
    env,
    limitMs: LIMIT_MS,
    onTick,
    endEarly,
  }).then(() => 'nothing came', messageOf);
  const file = finishedIn(into);
  if (file === undefined) throw new Error(failure);
  return join(into, file);
}

/** The SDK renames the file when it is complete. The start of the server that follows does not matter here. */
const finishedIn = (folder: string) => readdirSync(folder).find((name) => !name.endsWith('.downloading'));

function sizeOf(folder: string): number {
  return readdirSync(folder).reduce((sum, name) => {
    return sum + (statSync(join(folder, name), { throwIfNoEntry: false })?.size ?? 0);
  }, 0);
}
