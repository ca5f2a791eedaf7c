import type { DeliveryStatus, TimelineEntry } from '../contract/status.js';
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
  const status = statusOf(delivery, now);
  const { evidence, duplicate } = status;
  return [
    ...headline(status),
    ...(duplicate ? ['', 'The person got, or may have got, **both messages**.'] : []),
    ...(evidence.length > 0 ? ['', '| time | source | evidence |', '| --- | --- | --- |', ...evidence.map(row)] : []),
  ].join('\n');
}

function headline({ status, outcome, channel, expireTime, next, sms }: DeliveryStatus): string[] {
  if (outcome !== null) {
    const lateness = sms === undefined || sms.lateness === '0s' ? '' : `, requested ${sms.lateness} too late`;
    return [`**${outcome}**${channel === null ? '' : ` by ${channel}${lateness}`}`];
  }
  const expires = `expires ${short(expireTime)}`;
  if (next === null) return [`**${status}**, ${expires}`];
  return [
    `**${status}**, ${expires}`,
    '',
    `Next: **${next.action}** at ${short(next.time)}, if nothing is learned first`,
  ];
}

/** `2026-01-02 03:04:05Z` */
const short = (time: string) => time.replace('T', ' ').replace(/\.\d+/, '');

const row = ({ time, source, event, detail }: TimelineEntry) =>
  `| ${short(time)} | ${source} | ${event}${detail === undefined ? '' : `: ${detail.replaceAll('|', '/')}`} |`;
