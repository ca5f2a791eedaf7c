import type { TimelineEntry } from '../contract/status.js';
import type { Delivery } from '../domain/evidence.js';
import type { Instant } from '../domain/plan.js';
import { nextOf, statusOf } from '../domain/report.js';

/** The label of a timer in the Web UI: what happens when it fires. */
export function summaryOf(delivery: Delivery, now: Instant): string {
  const next = nextOf(delivery, now);
  return next === null ? 'wait' : `then ${next.action}`;
}

/** The run's "current details" in the Web UI: Markdown, no number and no text of the message. */
export function describe(delivery: Delivery, now: Instant): string {
  const { status, next, evidence, expireTime } = statusOf(delivery, now);
  return [
    `**${status}**`,
    next === null ? `expires ${expireTime}` : `next: **${next.action}** at ${next.time} (expires ${expireTime})`,
    ...(evidence.length > 0 ? ['', '| time | source | evidence |', '| --- | --- | --- |', ...evidence.map(row)] : []),
  ].join('\n');
}

const row = ({ time, source, event, detail }: TimelineEntry) =>
  `| ${time} | ${source} | ${event}${detail === undefined ? '' : `: ${detail.replaceAll('|', '/')}`} |`;
