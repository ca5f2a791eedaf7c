import type { DeliverySummary } from '../client/list-deliveries.js';
import { workflowIdFor } from '../contract/ids.js';
import { isLate, type DeliveryStatus, type SmsSummary, type TimelineEntry } from '../contract/status.js';
import { sinceStart, timeWithDistance } from './format.js';
import { painter, printResult, type Paint, type Screen, type Style } from './printer.js';
import { oneLine } from './safe-text.js';
import type { Terminal } from './terminal.js';

type View = Pick<Screen, 'now' | 'colour'>;

export function printStatus(terminal: Terminal, status: DeliveryStatus, json: boolean | undefined): void {
  printResult(terminal, { value: status, json, indent: 2, text: (screen) => renderStatus({ status, ...screen }) });
}

export interface RenderStatusOptions extends View {
  readonly status: DeliveryStatus;
  /** The first line. Default: the status. */
  readonly title?: string;
}

/** One delivery as a card: what is known of it, then its timeline. */
export function renderStatus({ status, now, colour, title = status.status }: RenderStatusOptions): string {
  const paint = painter(colour);
  const { expireTime, next, channel, duplicate, reason, sms, timeline, uncertainty, outcome } = status;
  const facts: Fact[] = [
    ['delivery', workflowIdFor(status)],
    ['known', uncertainty],
    ['reason', reason],
    ['channel', channel ?? (outcome === null ? undefined : 'none')],
    // After the outcome nothing expires any more.
    outcome === null ? ['expires', timeWithDistance(expireTime, now)] : ['expiry', expireTime],
    ['next', next === null ? undefined : `${next.action} ${timeWithDistance(next.time, now)}`],
    ['sms', sms && smsLine(sms)],
    ['duplicate', duplicate ? 'yes: the person got, or may have got, both messages' : undefined],
  ];
  const lines = factLines(facts, paint);
  return [paint(styleOf(status), title), ...lines, '', ...timelineLines(timeline, paint)].join('\n');
}

export interface RenderIndexedOptions extends View {
  readonly summary: DeliverySummary;
}

/** What Temporal's index holds of a delivery, for when no worker answers. */
export function renderIndexed({ summary, now, colour }: RenderIndexedOptions): string {
  const { workflowId, executionStatus, status, expireTime, startTime } = summary;
  const paint = painter(colour);
  const facts: Fact[] = [
    ['delivery', workflowId],
    ['started', timeWithDistance(startTime, now)],
    ['last known', status],
    ['expires', expireTime && timeWithDistance(expireTime, now)],
  ];
  return [paint('bold', executionStatus), ...factLines(facts, paint)].join('\n');
}

type Fact = readonly [name: string, value: string | undefined];

/** One line per fact. A fact without a value is left out. */
function factLines(facts: readonly Fact[], paint: Paint): string[] {
  return facts.flatMap(([name, value]) =>
    value === undefined ? [] : [`${paint('dim', name.padEnd(10))} ${oneLine(value)}`],
  );
}

/** Green: delivered. Yellow: settled without proof of delivery, as intended. Red: needs attention. Bold: running. */
export function styleOf({ outcome }: Pick<DeliveryStatus, 'outcome'>): Style {
  switch (outcome) {
    case 'DELIVERED':
    case 'DELIVERED_BY_SMS':
      return 'green';
    case 'SENT_BY_SMS':
    case 'REVOKED':
    case 'CANCELLED':
    case 'SUPPRESSED':
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
    return [sinceStart(Date.parse(time) - start), oneLine(source), oneLine(event), oneLine(detail)];
  });
  const width = (column: number) => Math.max(...rows.map((row) => (row[column] ?? '').length));
  const [times, sources, events] = [width(0), width(1), width(2)];
  return rows.map(([time = '', source = '', event = '', detail = '']) => {
    const head = `${paint('dim', time.padStart(times))}  ${source.padEnd(sources)}  ${event.padEnd(events)}`;
    return `${head}  ${detail}`.trimEnd();
  });
}
