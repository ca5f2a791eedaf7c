import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const CHECK_MS = 500;

/**
 * Calls `act` when the npm or npx that started this process has exited. npm passes a SIGTERM only to the shell between
 * npm and this process. The shell exits, and this process would keep running without being asked to stop.
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

/** The process ids from this process's parent up to npm. Empty if npm is not found: then only the parent is watched. */
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
