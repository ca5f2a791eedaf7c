import { randomUUID } from 'node:crypto';
import { mkdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

/** A holder says this often that it is at work; one that was silent for long is gone, even if its process id lives on. */
const HEARTBEAT_MS = 2_000;
const SILENT_MS = 30_000;
const POLL_MS = 250;
const POLLS_PER_WORD = 20;

export interface FileLockOptions<T> {
  /** The lock is this file. */
  readonly path: string;
  readonly work: () => Promise<T>;
  /** Called every few seconds while another holds the lock; at once for the first time. */
  readonly onWait?: (elapsedSeconds: number) => void;
}

/**
 * Does `work` while no other process does. A lock whose holder died is taken over at once. What it guards must bear two
 * at a time all the same (two may judge the same lock abandoned): here that would only be work done twice.
 */
export async function withFileLock<T>({ path, work, onWait }: FileLockOptions<T>): Promise<T> {
  const token = `${process.pid} ${randomUUID()}`;
  await mkdir(dirname(path), { recursive: true });
  for (let polls = 0; !(await tryToTake(path, token)); polls += 1) {
    if (polls % POLLS_PER_WORD === 0) onWait?.((polls * POLL_MS) / 1000);
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

async function tryToTake(path: string, token: string): Promise<boolean> {
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
  const lastSign = await stat(path).catch(() => undefined);
  if (content === undefined || lastSign === undefined) return false;
  const pid = Number(content.split(' ')[0]);
  return (pid > 0 && !isAlive(pid)) || Date.now() - lastSign.mtimeMs > SILENT_MS;
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
