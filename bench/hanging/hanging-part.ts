import type { Part } from '../part.js';
import { duration, latenessCells, LATENESS_COLUMNS, short } from '../reporting/numbers.js';
import type { Chart, Table } from '../reporting/section.js';
import { hangingRun, type Hanging, type HangingRun, type Steps } from './hanging-run.js';

const KINDS: readonly Hanging[] = ['create', 'delete', 'sms', 'callback'];
const TITLES: Readonly<Record<Hanging, string>> = {
  create: "RBM's create",
  delete: "RBM's DELETE",
  sms: 'the SMS gateway',
  callback: 'the receiver of callbacks',
};
const STEPS: Readonly<Record<keyof Steps, string>> = {
  create: 'create',
  delete: 'DELETE',
  sms: 'SMS after a DELETE',
  smsWithoutRcs: 'SMS after a 404',
};

/** One part at a time gives no answer: what does that do to everything else? */
export const hangingPart: Part = async ({ extent, random, say }) => {
  const runs: HangingRun[] = [];
  const quick = extent === 'quick';
  const load = quick
    ? { startsPerSecond: 10, calmMs: 4_000, hangMs: 4_000 }
    : { startsPerSecond: 40, calmMs: 10_000, hangMs: 20_000 };
  for (const hanging of quick ? KINDS.slice(0, 2) : KINDS) {
    const run = await hangingRun({ hanging, ...load, random });
    say(
      `hanging: ${TITLES[hanging]}: DELETE p99 ${duration(run.hung.delete.p99)}, calm ${duration(run.calm.delete.p99)}`,
    );
    runs.push(run);
  }
  return { title: 'One part hangs', tables: [table(runs)], charts: [chart(runs)], figures: runs };
};

/** The steps that don't need an answer of what hangs. */
const stepsBeside = (hanging: Hanging) =>
  (Object.keys(STEPS) as (keyof Steps)[]).filter((step) => {
    if (hanging === 'create') return step === 'delete' || step === 'sms';
    if (hanging === 'delete') return step === 'create' || step === 'smsWithoutRcs';
    return hanging === 'callback' || step === 'create' || step === 'delete';
  });

function table(runs: readonly HangingRun[]): Table {
  const row = (run: HangingRun, step: keyof Steps, when: 'calm' | 'hung') => [
    ...[
      TITLES[run.hanging],
      short(run.startsPerSecond),
      STEPS[step],
      when === 'calm' ? 'before' : 'while it hangs',
      ...latenessCells(run[when][step]),
    ],
  ];
  return {
    title: 'Lateness of what does not need the part that hangs',
    columns: ['what hangs', 'starts per second', 'what', 'when', ...LATENESS_COLUMNS],
    rows: runs.flatMap((run) =>
      stepsBeside(run.hanging).flatMap((step) => [row(run, step, 'calm'), row(run, step, 'hung')]),
    ),
  };
}

function chart(runs: readonly HangingRun[]): Chart {
  return {
    title: 'Lateness while one part hangs (bar: p99, line: p50 to max)',
    unit: 'ms',
    bars: runs.flatMap((run) =>
      stepsBeside(run.hanging).map((step) => {
        const { p50: min, p99: value, max } = run.hung[step];
        return { label: `${TITLES[run.hanging]} hangs: ${STEPS[step]}`, value, min, max };
      }),
    ),
  };
}
