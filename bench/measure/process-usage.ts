import { readFile } from 'node:fs/promises';

/** What a process has used so far. */
export interface ProcessUsage {
  /** CPU time in user and kernel mode, milliseconds. */
  readonly cpuMs: number;
  /** Resident memory, bytes. */
  readonly memory: number;
}

/** Linux reports CPU time in ticks of 1/100 s to programs, whatever its own clock is. */
export const MS_PER_TICK = 10;

/** Undefined on a machine without /proc. Throws if the process is gone. */
export async function usageOf(pid: number): Promise<ProcessUsage | undefined> {
  if (process.platform !== 'linux') return undefined;
  const [stat, status] = await Promise.all(['stat', 'status'].map((file) => readFile(`/proc/${pid}/${file}`, 'utf8')));
  return { cpuMs: cpuIn(stat ?? ''), memory: memoryIn(status ?? '') };
}

/** utime + stime of /proc/<pid>/stat. The name before them may contain blanks and parentheses. */
export function cpuIn(stat: string): number {
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) * MS_PER_TICK;
}

/** VmRSS of /proc/<pid>/status. */
export function memoryIn(status: string): number {
  return Number(/^VmRSS:\s*(\d+) kB$/m.exec(status)?.[1]) * 1024;
}
