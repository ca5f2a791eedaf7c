import { randomUUID } from 'node:crypto';
import { mkdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

/** The holder touches the lock file this often. */
const HEARTBEAT_MS = 2_000;
/** A lock not touched for this long is abandoned, even if another process has the holder's id by now. */
const ABANDONED_AFTER_MS = 30_000;
const POLL_MS = 250;
const POLLS_PER_ON_WAIT = 4;

export interface FileLockOptions<T> {
  /** The lock file. */
  readonly path: string;
  readonly work: () => Promise<T>;
  /** Called at once and then every second while another process holds the lock. */
  readonly onWait?: (elapsedMs: number) => void;
}

/**
 * Runs `work` while no other process runs it. A lock whose holder has exited is replaced at once. In rare cases two
 * processes hold the lock, because both found it abandoned. So `work` must be safe to do twice.
 */
export async function withFileLock<T>({ path, work, onWait }: FileLockOptions<T>): Promise<T> {
  const token = `${process.pid} ${randomUUID()}`;
  await mkdir(dirname(path), { recursive: true });
  for (let polls = 0; !(await tryToLock(path, token)); polls += 1) {
    if (polls % POLLS_PER_ON_WAIT === 0) onWait?.(polls * POLL_MS);
    await delay(POLL_MS);
  }
  const heartbeat = setInterval(() => {
    utimes(path, new Date(), new Date()).catch(() => undefined);
  }, HEARTBEAT_MS);
  try {
    return await work();
  } finally {
    clearInterval(heartbeat);
    if ((await contentOf(path)) === token) await rm(path, { force: true });
  }
}

async function tryToLock(path: string, token: string): Promise<boolean> {
  if (await isAbandoned(path)) await rm(path, { force: true });
  try {
    await writeFile(path, token, { flag: 'wx' });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

async function isAbandoned(path: string): Promise<boolean> {
  const content = await contentOf(path);
  const touched = await stat(path).catch(() => undefined);
  if (content === undefined || touched === undefined) return false;
  const pid = Number(content.split(' ')[0]);
  return (pid > 0 && !isAlive(pid)) || Date.now() - touched.mtimeMs > ABANDONED_AFTER_MS;
}

const contentOf = (path: string) => readFile(path, 'utf8').catch(() => undefined);

/** Whether a process with this id runs here. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
