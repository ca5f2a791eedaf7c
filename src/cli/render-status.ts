import { workflowIdFor } from '../contract/ids.js';
import { isLate, type DeliveryStatus, type SmsSummary, type TimelineEntry } from '../contract/status.js';
import { relativeTime, sinceStart } from './relative-time.js';
import { painter, type Paint, type Style } from './terminal.js';

export interface RenderStatusOptions {
  readonly status: DeliveryStatus;
  /** Epoch milliseconds. */
  readonly now: number;
  readonly colour: boolean;
  /** In the place of its status, where that is not what it is any more. */
  readonly title?: string;
}

/** One delivery on one screen. */
export function renderStatus({ status, now, colour, title = status.status }: RenderStatusOptions): string {
  const paint = painter(colour);
  const at = (time: string) => `${time} (${relativeTime(Date.parse(time) - now)})`;
  const { expireTime, next, channel, duplicate, sms, timeline, uncertainty } = status;
  const facts: [string, string | undefined][] = [
    ['delivery', workflowIdFor(status)],
    ['known', uncertainty],
    ['channel', channel ?? (status.outcome === null ? undefined : 'none')],
    // Of an ended one it is history, however far ahead it lies.
    status.outcome === null ? ['expires', at(expireTime)] : ['expiry', expireTime],
    ['next', next === null ? undefined : `${next.action} ${at(next.time)}`],
    ['sms', sms && smsLine(sms)],
    ['duplicate', duplicate ? 'yes: the person got, or may have got, both messages' : undefined],
  ];
  const lines = factLines(facts, paint);
  return [paint(styleOf(status), title), ...lines, '', ...timelineLines(timeline, paint)].join('\n');
}

/** Those that there are, a line each. */
export function factLines(facts: readonly (readonly [string, string | undefined])[], paint: Paint): string[] {
  return facts.flatMap(([name, value]) => (value === undefined ? [] : [`${paint('dim', name.padEnd(10))} ${value}`]));
}

/** Green: it reached the person. Red: look at it. */
export function styleOf({ outcome }: Pick<DeliveryStatus, 'outcome'>): Style {
  switch (outcome) {
    case 'DELIVERED':
    case 'DELIVERED_BY_SMS':
      return 'green';
    case 'SENT_BY_SMS':
    case 'REVOKED':
    case 'CANCELLED':
      return 'yellow';
    case 'UNCERTAIN':
    case 'UNDELIVERABLE':
      return 'red';
    case null:
      return 'bold';
  }
}

function smsLine({ provider, providerMessageId, receipt, lateness }: SmsSummary): string {
  const late = isLate(lateness) ? `${lateness} late` : undefined;
  const parts = [provider, providerMessageId, receipt && `receipt ${receipt}`, late];
  const known = parts.filter((part) => part !== undefined);
  return known.length === 0 ? 'requested' : known.join(', ');
}

/** `+12.4s  webhook   delivered` */
function timelineLines(timeline: readonly TimelineEntry[], paint: Paint): string[] {
  const start = Date.parse(timeline[0]?.time ?? '');
  const rows = timeline.map(({ time, source, event, detail = '' }) => {
    return [sinceStart(Date.parse(time) - start), source, event, detail];
  });
  const width = (column: number) => Math.max(...rows.map((row) => (row[column] ?? '').length));
  const [times, sources, events] = [width(0), width(1), width(2)];
  return rows.map(([time = '', source = '', event = '', detail = '']) => {
    const head = `${paint('dim', time.padStart(times))}  ${source.padEnd(sources)}  ${event.padEnd(events)}`;
    return `${head}  ${detail}`.trimEnd();
  });
}
