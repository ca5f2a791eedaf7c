import { access, mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { OnProgress } from '../terminal/progress.js';
import { durationText } from '../terminal/text.js';
import { isAlive, withFileLock } from './file-lock.js';

const WORK_PREFIX = '.in-progress-';

export interface InstallOnceOptions {
  /** The file or folder to create. It appears complete or not at all. */
  readonly target: string;
  /** Creates it inside `workDir`, on the same file system, and returns its path. If it throws, nothing stays behind. */
  readonly install: (workDir: string) => Promise<string>;
  readonly onProgress: OnProgress;
}

/** Adds something to the cache unless it is there. If two processes ask at once, one works and the other waits. */
export async function installOnce({ target, install, onProgress }: InstallOnceOptions): Promise<string> {
  const folder = dirname(target);
  const waiting = `waiting: another process is preparing ${basename(target)}`;
  const onWait = (elapsedMs: number) => {
    if (elapsedMs === 0) onProgress(waiting);
    else onProgress(`${waiting}, for ${durationText(elapsedMs)} now`, 'passing');
  };
  const work = async () => {
    if (await exists(target)) return target;
    await removeLeftovers(folder);
    const workDir = await mkdtemp(join(folder, `${WORK_PREFIX}${process.pid}-`));
    try {
      await rename(await install(workDir), target);
      return target;
    } finally {
      await rm(workDir, { recursive: true, force: true });
    }
  };
  await mkdir(folder, { recursive: true });
  return withFileLock({ path: `${target}.lock`, work, onWait });
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

/** Removes the unfinished work of processes that were killed. */
async function removeLeftovers(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    if (!name.startsWith(WORK_PREFIX)) continue;
    const pid = Number(name.slice(WORK_PREFIX.length).split('-')[0]);
    if (!isAlive(pid)) await rm(join(folder, name), { recursive: true, force: true });
  }
}
