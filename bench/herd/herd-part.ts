import { AS_IS } from '../bed/variants.js';
import type { Part, PartContext } from '../part.js';
import { duration, latenessCells, LATENESS_COLUMNS } from '../reporting/numbers.js';
import type { Chart, Table } from '../reporting/section.js';
import { herdRun, type HerdOptions, type HerdRun } from './herd-run.js';

/** A herd of promotions that expires in one second, and the codes beside it. */
export const herdPart: Part = async (context) => {
  const { random, say } = context;
  const runs: HerdRun[] = [];
  for (const plan of plansOf(context)) {
    const run = await herdRun({ ...plan, random });
    const { startedCodeCreate, drainMs } = run;
    const drained = drainMs === null ? 'not drained in time' : `drained after ${duration(drainMs)}`;
    say(`herd: ${run.variant} ${run.size}: create of codes p99 ${duration(startedCodeCreate.p99)}, ${drained}`);
    runs.push(run);
  }
  return { title: 'A herd of expiries', tables: tables(runs), charts: [chart(runs)], figures: runs };
};

type Plan = Omit<HerdOptions, 'random'>;

/** First without a herd: the floor. Then each size, with the variants in turn. */
function plansOf({ quick, variants }: PartContext): readonly Plan[] {
  const floor = { variant: AS_IS, size: 0, expiringCodes: 0, drainLimitMs: 0 };
  const herd = (size: number, expiringCodes: number, drainLimitMs: number): Plan[] =>
    variants.map((variant) => ({ variant, size, expiringCodes, drainLimitMs }));
  if (quick) return [floor, ...herd(100, 30, 30_000)];
  return [floor, ...herd(1_000, 300, 60_000), ...herd(1_000, 300, 60_000), ...herd(3_000, 300, 90_000)];
}

const STEPS = [
  ['DELETE of promotions', 'promotionDelete'],
  ['SMS of promotions', 'promotionSms'],
  ['create of started codes', 'startedCodeCreate'],
  ['DELETE of expiring codes', 'expiringCodeDelete'],
  ['SMS of expiring codes', 'expiringCodeSms'],
] as const;

function tables(runs: readonly HerdRun[]): Table[] {
  return [
    {
      title:
        'Lateness: of a create since the call of the client, of a DELETE since it was due, of an SMS since expiry + grace',
      columns: ['variant', 'herd', 'what', ...LATENESS_COLUMNS],
      rows: runs.flatMap((run) =>
        STEPS.filter(([, step]) => run[step].count + run[step].missing > 0).map(([title, step]) => [
          ...[run.variant, String(run.size), title, ...latenessCells(run[step])],
        ]),
      ),
    },
    {
      title: 'Time from the expiry to the last SMS',
      columns: ['variant', 'herd', 'drained after'],
      rows: runs
        .filter(({ size }) => size > 0)
        .map(({ variant, size, drainMs }) => [
          ...[variant, String(size), drainMs === null ? 'not in the measured time' : duration(drainMs)],
        ]),
    },
  ];
}

function chart(runs: readonly HerdRun[]): Chart {
  return {
    title: 'One-time codes started while a herd expires: time to the create (bar: p99, line: p50 to max)',
    unit: 'ms',
    bars: runs.map(({ variant, size, startedCodeCreate: { p50, p99, max } }) => ({
      ...{ label: size === 0 ? 'no herd' : `${variant}, herd of ${size}`, value: p99, min: p50, max },
    })),
  };
}
