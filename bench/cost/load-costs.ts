import type { TestBed } from '../bed/test-bed.js';
import { startBare } from '../bare/start-bare.js';
import { closedLoop } from '../load/closed-loop.js';
import type { Messages } from '../load/messages.js';
import type { Random } from '../load/random.js';
import { createCpuMeter, type CpuMeter } from '../measure/cpu-meter.js';
import { spreadOf, type Spread } from '../measure/spread.js';
import { short, withSpread } from '../reporting/numbers.js';
import type { Table } from '../reporting/section.js';

const KINDS = ['bare', 'delivered', 'withoutRcs', 'expired'] as const;
type Kind = (typeof KINDS)[number];
export const TITLES: Readonly<Record<Kind, string>> = {
  bare: 'bare',
  delivered: 'delivered',
  withoutRcs: 'SMS after a 404',
  expired: 'SMS after the expiry',
};
type Processes = 'server' | 'worker' | 'bareWorker';

/** One round of one kind of work. CPU is absent on a machine without /proc. */
interface Round {
  readonly kind: Kind;
  readonly serverMs?: number;
  readonly workerMs?: number;
  readonly perSecond: number;
}

export interface LoadCost {
  readonly kind: Kind;
  /** Per delivery, milliseconds. */
  readonly serverMs?: Spread;
  readonly workerMs?: Spread;
  readonly perSecond: Spread;
  /** To the bare workflow of the same round. */
  readonly serverRatio?: Spread;
  readonly workerRatio?: Spread;
}

/** How many run side by side. A delivery also waits, so more of them are needed for as much work. */
const AT_A_TIME: Readonly<Record<Kind, number>> = { bare: 40, delivered: 60, withoutRcs: 60, expired: 200 };
const IDLE_MS = 5_000;

export interface LoadOptions {
  readonly bed: TestBed;
  readonly messages: Messages;
  readonly random: Random;
  readonly count: number;
  readonly rounds: number;
  readonly profileDir?: string | undefined;
  readonly say: (line: string) => void;
}

/** CPU and throughput of deliveries beside those of the bare workflow, in turn. */
export async function loadCosts(options: LoadOptions): Promise<readonly LoadCost[]> {
  const { bed, count, rounds, say } = options;
  const work = await works(options);
  // Node compiles what runs often, and Temporal fills its caches.
  for (const kind of KINDS) await closedLoop({ count: Math.ceil(count / 4), atATime: AT_A_TIME[kind] }, work.run[kind]);
  const meter = await createCpuMeter<Processes>({ ...bed.pids, bareWorker: work.barePid }, IDLE_MS);
  say(`cost: idle, ms of CPU per second: ${JSON.stringify(meter.idle)}`);
  const done: Round[] = [];
  for (let index = 0; index < rounds; index += 1) {
    for (const kind of KINDS) {
      const round = await measured({ meter, kind, count, run: work.run[kind] });
      const { serverMs, workerMs, perSecond } = round;
      say(
        `cost: ${TITLES[kind]} ${index + 1}: ${short(perSecond)}/s, server ${short(serverMs)} ms, worker ${short(workerMs)} ms`,
      );
      done.push(round);
    }
  }
  return KINDS.map((kind) => summary(kind, done));
}

async function works({ bed, messages, random, profileDir }: LoadOptions) {
  const bare = await startBare(bed, profileDir);
  const { code, numberWithoutRcs } = messages;
  const deliver = async (input: ReturnType<typeof code>, online: boolean) => {
    bed.phones.behave(input, { online, smsReceipt: true });
    const { workflowId } = await bed.start(input);
    await bed.client.workflow.getHandle(workflowId).result();
  };
  const run: Readonly<Record<Kind, () => Promise<void>>> = {
    bare: () => bare.run(random.uuid()),
    delivered: () => deliver(code({ ttl: '300s' }), true),
    withoutRcs: () => deliver(code({ ttl: '300s', recipient: numberWithoutRcs() }), false),
    expired: () => deliver(code({ ttl: '3s', revocation: { grace: '1s' } }), false),
  };
  return { barePid: bare.pid, run };
}

interface MeasuredOptions {
  readonly meter: CpuMeter<Processes>;
  readonly kind: Kind;
  readonly count: number;
  readonly run: () => Promise<void>;
}

async function measured({ meter, kind, count, run }: MeasuredOptions): Promise<Round> {
  const { cpu, elapsedMs } = await meter.measure(() => closedLoop({ count, atATime: AT_A_TIME[kind] }, run));
  const workerMs = kind === 'bare' ? cpu.bareWorker : cpu.worker;
  return {
    kind,
    perSecond: (count / elapsedMs) * 1000,
    ...(cpu.server !== undefined && { serverMs: cpu.server / count }),
    ...(workerMs !== undefined && { workerMs: workerMs / count }),
  };
}

function summary(kind: Kind, rounds: readonly Round[]): LoadCost {
  const of = (one: Kind) => rounds.filter((round) => round.kind === one);
  const [own, bare] = [of(kind), of('bare')];
  const spread = (values: readonly (number | undefined)[]) => {
    const known = values.filter((value) => value !== undefined);
    return known.length === 0 ? undefined : spreadOf(known);
  };
  const ratios = (value: 'serverMs' | 'workerMs') =>
    spread(own.map((round, index) => divided(round[value], bare[index]?.[value])));
  const all = {
    serverMs: spread(own.map(({ serverMs }) => serverMs)),
    workerMs: spread(own.map(({ workerMs }) => workerMs)),
    serverRatio: ratios('serverMs'),
    workerRatio: ratios('workerMs'),
  };
  const known = Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined));
  return { kind, perSecond: spreadOf(own.map(({ perSecond }) => perSecond)), ...known };
}

const divided = (one: number | undefined, other: number | undefined) =>
  one === undefined || other === undefined ? undefined : one / other;

export function loadCostTable(costs: readonly LoadCost[]): Table {
  return {
    title: 'CPU and throughput, beside a bare workflow with one activity: median (min..max)',
    columns: ['', 'server CPU, ratio', 'worker CPU, ratio', 'server ms each', 'worker ms each', 'each second'],
    rows: costs.map(({ kind, serverRatio, workerRatio, serverMs, workerMs, perSecond }) => [
      TITLES[kind],
      ...[serverRatio, workerRatio, serverMs, workerMs, perSecond].map(withSpread),
    ]),
  };
}
