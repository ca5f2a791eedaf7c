import { setTimeout as delay } from 'node:timers/promises';
import { WORKER_DEFAULTS } from '../../src/worker/worker-settings.js';
import { withTestBed, type TestBed } from '../bed/test-bed.js';
import { closedLoop } from '../load/closed-loop.js';
import { createMessages } from '../load/messages.js';
import { startAccepted } from '../load/start-accepted.js';
import type { Part } from '../part.js';
import { createCpuMeter } from '../measure/cpu-meter.js';
import { usageOf } from '../measure/process-usage.js';
import { short } from '../reporting/numbers.js';
import type { Table } from '../reporting/section.js';

/** What Temporal and the worker use while this many deliveries are open. Absent on a machine without /proc. */
interface Size {
  readonly open: number;
  readonly serverMemory?: number;
  readonly workerMemory?: number;
  /** Milliseconds of CPU per second. */
  readonly serverIdle?: number;
  readonly workerIdle?: number;
}

/** The deliveries here are codes, and their queue has half of the cache. */
const CACHED = Math.floor(WORKER_DEFAULTS.maxCachedWorkflows / 2);

const STARTS_AT_A_TIME = 40;
/** Garbage collection and Temporal's queues come to rest. */
const REST_MS = 3_000;

const STEPS = {
  quick: [100, 200],
  usual: [1_000, 2_000, 4_000],
  full: [1_000, 2_000, 4_000, 8_000],
} as const;

/** How memory and idle CPU grow with the number of deliveries that wait. */
export const growthPart: Part = async ({ extent, random, say }) =>
  withTestBed({}, async (bed) => {
    const { code } = createMessages(random);
    const start = () => startAccepted(bed, code({ ttl: '86400s' }));
    const steps = STEPS[extent];
    const idleMs = extent === 'quick' ? 2_000 : 8_000;
    const sizes = [await sizeWith(bed, 0, idleMs)];
    for (const [index, open] of steps.entries()) {
      await closedLoop({ count: open - (steps[index - 1] ?? 0), atATime: STARTS_AT_A_TIME }, start);
      sizes.push(await sizeWith(bed, open, idleMs));
      say(`growth: ${open} open`);
    }
    return {
      title: 'Growth with open deliveries',
      tables: [table(sizes)],
      charts: (['serverMemory', 'workerMemory'] as const).map((value) => ({
        title:
          value === 'serverMemory'
            ? "Memory of Temporal's dev server"
            : `Memory of the worker, ${CACHED} cached at most`,
        unit: 'MB',
        bars: sizes.flatMap(({ open, [value]: bytes }) =>
          bytes === undefined ? [] : [{ label: `${open} open`, value: bytes / 1e6 }],
        ),
      })),
      figures: sizes,
    };
  });

async function sizeWith({ pids }: TestBed, open: number, idleMs: number): Promise<Size> {
  await delay(REST_MS);
  const { idle } = await createCpuMeter(pids, idleMs);
  const [server, worker] = await Promise.all([usageOf(pids.server), usageOf(pids.worker)]);
  return {
    open,
    ...(server !== undefined && { serverMemory: server.memory }),
    ...(worker !== undefined && { workerMemory: worker.memory }),
    ...(idle.server !== undefined && { serverIdle: idle.server }),
    ...(idle.worker !== undefined && { workerIdle: idle.worker }),
  };
}

const megabytes = (bytes: number | undefined) => short(bytes === undefined ? undefined : bytes / 1e6);

function table(sizes: readonly Size[]): Table {
  return {
    title: 'Memory, and CPU while nothing happens',
    columns: ['open', 'server, MB', 'worker, MB', 'server, CPU ms per s', 'worker, CPU ms per s'],
    rows: sizes.map(({ open, serverMemory, workerMemory, serverIdle, workerIdle }) => [
      ...[String(open), megabytes(serverMemory), megabytes(workerMemory), short(serverIdle), short(workerIdle)],
    ]),
  };
}
