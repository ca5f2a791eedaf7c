import { setTimeout as delay } from 'node:timers/promises';
import { usageOf } from './process-usage.js';

/** CPU milliseconds of each process, by its name. Empty on a machine without /proc. */
type Cpu<Name extends string> = Partial<Readonly<Record<Name, number>>>;

interface Measured<Name extends string> {
  /** CPU of the work alone: what the processes use while they idle is subtracted. */
  readonly cpu: Cpu<Name>;
  readonly elapsedMs: number;
}

/** Measures what processes use for a piece of work. */
export interface CpuMeter<Name extends string> {
  readonly measure: (work: () => Promise<unknown>) => Promise<Measured<Name>>;
  /** What each process uses while it idles: milliseconds per second. */
  readonly idle: Cpu<Name>;
}

/** Watches the processes for `idleMs` first, so they must have nothing to do. */
export async function createCpuMeter<Name extends string>(
  pids: Readonly<Record<Name, number>>,
  idleMs: number,
): Promise<CpuMeter<Name>> {
  const watch = async (work: () => Promise<unknown>): Promise<Measured<Name>> => {
    const [began, before] = [performance.now(), await cpuOf(pids)];
    await work();
    const [after, elapsedMs] = [await cpuOf(pids), performance.now() - began];
    return { cpu: mapped(after, (name, cpu) => cpu - (before[name] ?? 0)), elapsedMs };
  };
  const { cpu, elapsedMs } = await watch(() => delay(idleMs));
  const idle = mapped(cpu, (_, ms) => (ms / elapsedMs) * 1000);
  return {
    idle,
    async measure(work) {
      const used = await watch(work);
      const idleFor = (name: Name) => ((idle[name] ?? 0) * used.elapsedMs) / 1000;
      return { ...used, cpu: mapped(used.cpu, (name, ms) => ms - idleFor(name)) };
    },
  };
}

async function cpuOf<Name extends string>(pids: Readonly<Record<Name, number>>): Promise<Cpu<Name>> {
  const names = Object.keys(pids) as Name[];
  const read = await Promise.all(names.map(async (name) => [name, (await usageOf(pids[name]))?.cpuMs] as const));
  return Object.fromEntries(read.filter(([, ms]) => ms !== undefined)) as Cpu<Name>;
}

function mapped<Name extends string>(cpu: Cpu<Name>, change: (name: Name, ms: number) => number): Cpu<Name> {
  const entries = Object.entries(cpu) as [Name, number][];
  return Object.fromEntries(entries.map(([name, ms]) => [name, change(name, ms)])) as Cpu<Name>;
}
