import { AS_IS } from '../bed/variants.js';
import type { Part, PartContext } from '../part.js';
import { duration, latenessCells, LATENESS_COLUMNS } from '../reporting/numbers.js';
import type { Chart, Table } from '../reporting/section.js';
import { herdRun, type HerdOptions, type HerdRun } from './herd-run.js';

/** A herd of promotions that expires in one second, and the codes beside it. */
export const herdPart: Part = async (context) => {
  const { random, profileDir, say } = context;
  const runs: HerdRun[] = [];
  for (const plan of plansOf(context)) {
    const run = await herdRun({ ...plan, random, profileDir });
    const { startedCodeCreate, drainMs } = run;
    const drained = drainMs === null ? 'not drained in time' : `drained after ${duration(drainMs)}`;
    say(`herd: ${labelOf(run)}: create of codes p99 ${duration(startedCodeCreate.p99)}, ${drained}`);
    runs.push(run);
  }
  return { title: 'A herd of expiries', tables: tables(runs), charts: [chart(runs)], figures: runs };
};

type Plan = Omit<HerdOptions, 'random' | 'profileDir'>;

/**
 * First without a herd: the floor. Then the variants in turn, then codes that expire with the herd. Those compete with the
 * started codes for the same slots, so what a herd of promotions does to codes shows without them.
 */
function plansOf({ extent, variants }: PartContext): readonly Plan[] {
  const floor = { variant: AS_IS, size: 0, expiringCodes: 0, drainLimitMs: 0 };
  const herd = (size: number, expiringCodes: number, drainLimitMs: number): Plan[] =>
    variants.map((variant) => ({ variant, size, expiringCodes, drainLimitMs }));
  if (extent === 'quick') return [floor, ...herd(100, 30, 30_000)];
  const mixed = { variant: AS_IS, size: 1_000, expiringCodes: 300, drainLimitMs: 60_000 };
  if (extent === 'usual') return [floor, ...herd(1_000, 0, 75_000), mixed];
  return [floor, ...herd(1_000, 0, 75_000), mixed, ...herd(1_000, 0, 75_000), mixed, ...herd(3_000, 0, 180_000)];
}

function labelOf({ variant, size, expiringCodes }: Pick<HerdRun, 'variant' | 'size' | 'expiringCodes'>): string {
  if (size === 0) return 'no herd';
  return `${variant}, ${size}${expiringCodes > 0 ? ` and ${expiringCodes} codes` : ''}`;
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
      columns: ['herd', 'what', ...LATENESS_COLUMNS],
      rows: runs.flatMap((run) =>
        STEPS.filter(([, step]) => run[step].count + run[step].missing > 0).map(([title, step]) => [
          ...[labelOf(run), title, ...latenessCells(run[step])],
        ]),
      ),
    },
    {
      title: 'Time from the expiry to the last SMS',
      columns: ['herd', 'drained after'],
      rows: runs
        .filter(({ size }) => size > 0)
        .map((run) => [labelOf(run), run.drainMs === null ? 'not in the measured time' : duration(run.drainMs)]),
    },
  ];
}

function chart(runs: readonly HerdRun[]): Chart {
  return {
    title: 'One-time codes started while a herd expires: time to the create (bar: p99, line: p50 to max)',
    unit: 'ms',
    bars: runs.map((run) => {
      const { p50, p99, max } = run.startedCodeCreate;
      return { label: labelOf(run), value: p99, min: p50, max };
    }),
  };
}
