import { isLate, type DeliveryStatus, type Outcome, type TimelineEntry } from '../contract/status.js';
import type { Delivery } from '../domain/evidence.js';
import type { Instant } from '../domain/plan.js';
import type { Step } from '../domain/decide.js';
import { statusOf, stepAfterWait } from '../domain/report.js';

/** The label of a timer in the Web UI: what happens when it fires. */
export function summaryOf(delivery: Delivery, now: Instant): string {
  const next = stepAfterWait(delivery, now);
  return next === null ? 'wait' : `then ${labelOf(next.step)}`;
}

function labelOf(step: Step): string {
  switch (step.do) {
    case 'send':
      return 'create again';
    case 'stopSending':
      return 'stop creating';
    case 'revoke':
      return 'DELETE';
    case 'sendSms':
      return 'the SMS';
    case 'stopSms':
      return 'call the SMS off';
    case 'reconcileSms':
      return 'ask the SMS provider';
    case 'wait':
      return 'wait on';
    case 'settle':
      return step.outcome;
  }
}

/**
 * The run's "current details" in the Web UI: Markdown, no number and no text of the message. Its pane shows some six lines,
 * so what was learned last comes first.
 */
export function describe(delivery: Delivery, now: Instant): string {
  const status = statusOf(delivery, now);
  const learned = status.evidence.map(line).reverse();
  return [...headline(status), ...(learned.length > 0 ? ['', ...learned] : []), ...EMPTY_PARAGRAPH].join('\n');
}

/** The Web UI's pane is a little too low for its text: it cuts off half of the last line. */
const EMPTY_PARAGRAPH = ['', '\u00a0'];

function headline({ status, outcome, duplicate, expireTime, next, sms, uncertainty }: DeliveryStatus): string[] {
  if (outcome !== null) {
    const late = sms !== undefined && isLate(sms.lateness) ? ` The SMS was requested ${sms.lateness} too late.` : '';
    const twice = duplicate ? ' The person got, or may have got, **both messages**.' : '';
    return [`**${outcome}**: ${uncertainty ?? MEANING[outcome]}${late}${twice}`];
  }
  const then = next === null ? '' : `; then **${next.action}** at ${short(next.time)}, if nothing is learned first`;
  return [`**${status}**, expires ${short(expireTime)}${then}`];
}

const MEANING: Readonly<Record<Outcome, string>> = {
  DELIVERED: 'the phone has the RCS message.',
  DELIVERED_BY_SMS: 'the phone has the SMS.',
  SENT_BY_SMS: 'the provider took the SMS; no receipt came in time.',
  REVOKED: 'the message was taken back, and no SMS was asked for.',
  UNCERTAIN: 'what the phone got cannot be known.',
  UNDELIVERABLE: 'neither RBM nor the SMS provider could deliver.',
  CANCELLED: 'cancelled; the message was taken back as far as possible.',
};

/** `2026-01-02 03:04:05Z` */
const short = (time: string) => time.replace('T', ' ').replace(/\.\d+/, '');

const line = ({ time, source, event, detail }: TimelineEntry) =>
  `- ${short(time)} ${source}: ${event}${detail === undefined ? '' : ` (${detail})`}`;
