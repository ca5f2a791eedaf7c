import { setTimeout as delay } from 'node:timers/promises';
import type { TestBed } from '../bed/test-bed.js';
import { startBare } from '../bare/start-bare.js';
import { closedLoop } from '../load/closed-loop.js';
import type { Messages } from '../load/messages.js';
import type { Random } from '../load/random.js';
import { createCpuMeter, type CpuMeter } from '../measure/cpu-meter.js';
import { spreadOf, type Spread } from '../measure/spread.js';
import { short, withSpread } from '../reporting/numbers.js';
import type { Table } from '../reporting/section.js';

const KINDS = ['bare', 'delivered', 'deliveredUnindexed', 'withoutRcs', 'withoutRcsUnindexed', 'expired'] as const;
type Kind = (typeof KINDS)[number];
export const TITLES: Readonly<Record<Kind, string>> = {
  bare: 'bare',
  delivered: 'delivered',
  deliveredUnindexed: 'delivered, without search attributes',
  withoutRcs: 'SMS after a 404',
  withoutRcsUnindexed: 'SMS after a 404, without search attributes',
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

/** All of the round at first: a delivery also waits, so fewer would leave the cores idle. */
const atATime = (kind: Kind, count: number) => (kind === 'bare' ? Math.ceil(count / 2) : count);
/** The processes have started, and come to rest. */
const REST_MS = 3_000;
const IDLE_MS = 5_000;
const SOON = { ttl: '3s', revocation: { grace: '1s' } };

export interface LoadOptions {
  readonly bed: TestBed;
  readonly messages: Messages;
  readonly random: Random;
  /** How many of each kind a round has. Short rounds: a shared machine is faster in one minute than in the next. */
  readonly count: number;
  readonly rounds: number;
  readonly profileDir?: string | undefined;
  readonly say: (line: string) => void;
}

/** CPU and throughput of deliveries beside those of the bare workflow, in turn. */
export async function loadCosts(options: LoadOptions): Promise<readonly LoadCost[]> {
  const { bed, count, rounds, say } = options;
  const { run, barePid } = await works(options);
  // Before any work: a process goes on collecting garbage for a while after it.
  await delay(REST_MS);
  const meter = await createCpuMeter<Processes>({ ...bed.pids, bareWorker: barePid }, IDLE_MS);
  say(`cost: idle, ms of CPU per second: ${JSON.stringify(meter.idle)}`);
  // Node compiles what runs often, and Temporal fills its caches.
  for (const kind of KINDS) await closedLoop({ count, atATime: atATime(kind, count) }, run[kind]);
  const done: Round[] = [];
  for (let index = 0; index < rounds; index += 1) {
    for (const kind of KINDS) {
      const round = await measured({ meter, kind, count, run: run[kind] });
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
  const deliver = async (input: ReturnType<typeof code>, start = bed.start) => {
    bed.phones.behave(input, { online: input.ttl !== SOON.ttl, smsReceipt: true });
    const { workflowId } = await start(input);
    await bed.client.workflow.getHandle(workflowId).result();
  };
  const online = () => code({ ttl: '300s' });
  const withoutRcs = () => code({ ttl: '300s', recipient: numberWithoutRcs() });
  const run: Readonly<Record<Kind, () => Promise<void>>> = {
    bare: () => bare.run(random.uuid()),
    delivered: () => deliver(online()),
    deliveredUnindexed: () => deliver(online(), bed.startUnindexed),
    withoutRcs: () => deliver(withoutRcs()),
    withoutRcsUnindexed: () => deliver(withoutRcs(), bed.startUnindexed),
    expired: () => deliver(code(SOON)),
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
  const { cpu, elapsedMs } = await meter.measure(() => closedLoop({ count, atATime: atATime(kind, count) }, run));
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
