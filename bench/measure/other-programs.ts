import { readFile } from 'node:fs/promises';
import { MS_PER_TICK } from './process-usage.js';

/**
 * Starts to watch the machine. The function that it returns tells how many cores other programs have used since, on average.
 * Every process of the benchmark must have ended by then. Undefined on a machine without /proc.
 */
export async function watchOtherPrograms(): Promise<() => Promise<number | undefined>> {
  const [began, before] = [performance.now(), await cpuOfOthers()];
  return async () => {
    const [now, elapsedMs] = [await cpuOfOthers(), performance.now() - began];
    if (before === undefined || now === undefined) return undefined;
    return Math.max(0, now - before) / elapsedMs;
  };
}

async function cpuOfOthers(): Promise<number | undefined> {
  if (process.platform !== 'linux') return undefined;
  const [machine, own] = await Promise.all([readFile('/proc/stat', 'utf8'), readFile('/proc/self/stat', 'utf8')]);
  return busyIn(machine) - withChildrenIn(own);
}

/** What all programs have used, in milliseconds. It includes what other machines on the same host have taken away. */
export function busyIn(machine: string): number {
  const [user = 0, nice = 0, system = 0, , , irq = 0, softirq = 0, steal = 0] =
    /^cpu +(.*)$/m.exec(machine)?.[1]?.split(' ').map(Number) ?? [];
  return (user + nice + system + irq + softirq + steal) * MS_PER_TICK;
}

/** utime, stime, and the same of the children that have ended: all in /proc/self/stat, in milliseconds. */
export function withChildrenIn(stat: string): number {
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return fields.slice(11, 15).reduce((sum, ticks) => sum + Number(ticks), 0) * MS_PER_TICK;
}
