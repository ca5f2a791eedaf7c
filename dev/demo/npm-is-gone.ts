import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const CHECK_MS = 500;

/**
 * Calls `act` once npm (or npx), if it started us, is gone. It hands SIGTERM to a shell between itself and us, which dies of
 * it, and leaves tsx and us running without a word.
 */
export async function whenNpmIsGone(act: () => void): Promise<void> {
  if (process.env['npm_lifecycle_event'] === undefined) return;
  const parent = process.ppid;
  const above = await fromParentUpToNpm();
  const timer = setInterval(() => {
    if (process.ppid === parent && above.every(isAlive)) return;
    clearInterval(timer);
    act();
  }, CHECK_MS).unref();
}

/** Our parent, its parent, and so on, the last one being npm. Empty where that can't be found out: then our parent must do. */
async function fromParentUpToNpm(): Promise<readonly number[]> {
  const found: number[] = [];
  const processes = await listProcesses();
  for (let pid = process.ppid; ;) {
    const one = processes.get(pid);
    if (one === undefined) return [];
    found.push(pid);
    if (/^np[mx] /.test(one.title)) return found;
    pid = one.parent;
  }
}

async function listProcesses(): Promise<ReadonlyMap<number, { readonly parent: number; readonly title: string }>> {
  const listed = await promisify(execFile)('ps', ['-A', '-o', 'pid=,ppid=,args='], { maxBuffer: 1e8 }).catch(
    () => null,
  );
  const lines = [...(listed?.stdout ?? '').matchAll(/^ *(\d+) +(\d+) +(.*)$/gm)];
  return new Map(lines.map(([, pid, parent, title = '']) => [Number(pid), { parent: Number(parent), title }]));
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
