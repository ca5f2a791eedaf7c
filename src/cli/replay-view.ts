import { grouped, tableLines } from './format.js';
import { oneLine } from './safe-text.js';
import type { ReplayTally } from './replay-runs.js';

export const histories = (count: number): string => `${grouped(count)} ${count === 1 ? 'history' : 'histories'}`;

/** The sums, then where the first histories diverge. */
export function replayText(tally: ReplayTally, matched: number): string {
  const { replayed, diverged, skipped, unread, divergences } = tally;
  const all = replayed + diverged + skipped.deleted + skipped.notBegun + unread;
  const width = grouped(all).length;
  const line = (count: number, what: string) => (count === 0 ? [] : [`${grouped(count).padStart(width)} ${what}`]);
  const described = divergences.length < diverged ? `, such as the ${String(divergences.length)} below` : '';
  return [
    all < matched ? `${grouped(all)} of ${histories(matched)}:` : `${histories(all)}:`,
    `${grouped(replayed).padStart(width)} replayed`,
    ...line(skipped.notBegun, 'skipped: no worker has begun the workflow'),
    ...line(skipped.deleted, 'skipped: deleted meanwhile'),
    ...line(unread, 'not read: no answer from Temporal'),
    ...line(diverged, `diverged${described}`),
    ...divergences.flatMap((one) => ['', ...place(one)]),
  ].join('\n');
}

function place({ workflowId, runId, events, history, build }: ReplayTally['divergences'][number]): string[] {
  const rows = [
    ['  run', runId],
    [events.length > 1 ? '  one of the events' : '  event', events.join(', ') || 'unknown'],
    ...(history === undefined ? [] : [['  the history has', history]]),
    ['  this build', build],
  ];
  return [oneLine(workflowId), ...tableLines(rows.map(([name = '', value = '']) => [name, oneLine(value)]))];
}
