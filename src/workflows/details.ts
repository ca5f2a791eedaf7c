import { inMarkdown } from '../contract/markdown.js';
import {
  isLate,
  type DeliveryStatus,
  type EndReason,
  type Outcome,
  type Phase,
  type TimelineEntry,
} from '../contract/status.js';
import { statusOf } from '../domain/report.js';
import type { Snapshot } from '../domain/snapshot.js';
import type { Decision, Step } from '../domain/step.js';

/** A timer's label in the Web UI: what the wait is for, and what follows. */
export function timerSummary(snapshot: Snapshot): string {
  const { decision } = snapshot;
  const forecast = snapshot.forecast();
  if ('outcome' in decision || forecast === null) return 'wait';
  return `${WAITS[decision.phase]}, then ${labelOf(forecast.decision)}`;
}

const WAITS: Readonly<Record<Phase, string>> = {
  SENDING: 'until RBM accepts the message',
  AWAITING_DELIVERY: 'until the expiry',
  REVOKING: 'for DELIVERED',
  CONFIRMING_REVOCATION: 'grace for a late DELIVERED',
  FALLING_BACK: 'until the SMS is accepted',
  AWAITING_SMS_RECEIPT: 'for the SMS receipt',
};

const labelOf = (decision: Decision): string => ('outcome' in decision ? decision.outcome : LABELS[decision.step.do]);

const LABELS: Readonly<Record<Step['do'], string>> = {
  send: 'create',
  stopSending: 'stop creating',
  giveUpAcceptance: 'fall back',
  lookBack: 'look back',
  revoke: 'revoke',
  sendSms: 'SMS',
  stopSms: 'call the SMS off',
  reconcileSms: 'ask the SMS provider',
  wait: 'wait on',
};

/**
 * The run's "current details" in the Web UI: Markdown, without the phone number or the text. The pane shows some six
 * lines, so the latest evidence comes first.
 */
export function currentDetails(snapshot: Snapshot): string {
  const status = statusOf(snapshot);
  const learned = status.evidence.map(line).reverse();
  return [...headline(status), ...(learned.length > 0 ? ['', ...learned] : []), ...EMPTY_PARAGRAPH].join('\n');
}

/** The Web UI's pane is a little too low for its text, and would cut off half of the last line. */
const EMPTY_PARAGRAPH = ['', '\u00a0'];

function headline(status: DeliveryStatus): string[] {
  const { phase, outcome, duplicate, expireTime, next, reason, sms, uncertainty } = status;
  const why = reason === undefined ? '' : ` ${REASONS[reason]}`;
  if (phase !== null) {
    const then = next === null ? '' : ` Next, if nothing comes before: **${next.action}** at ${short(next.time)}.`;
    return [`**${phase}**: ${PHASES[phase]}${why} Expiry: ${short(expireTime)}.${then}`];
  }
  if (outcome === null) return [];
  const late = sms !== undefined && isLate(sms.lateness) ? ` The SMS was requested ${sms.lateness} too late.` : '';
  const both = duplicate ? ' The person got, or may have got, **both messages**.' : '';
  return [`**${outcome}**: ${uncertainty ?? OUTCOMES[outcome]}${why}${late}${both}`];
}

const PHASES: Readonly<Record<Phase, string>> = {
  SENDING: 'RBM has not accepted the message yet.',
  AWAITING_DELIVERY: 'RBM accepted the message. There is no proof of delivery yet.',
  REVOKING: 'the message is being revoked. That is not confirmed yet.',
  CONFIRMING_REVOCATION: 'the message is revoked. A late DELIVERED may still come.',
  FALLING_BACK: 'the SMS is requested. The provider has not accepted it yet.',
  AWAITING_SMS_RECEIPT: 'the SMS provider accepted the SMS. No receipt says yet that it arrived.',
};

const OUTCOMES: Readonly<Record<Outcome, string>> = {
  DELIVERED: 'the phone has the RCS message.',
  DELIVERED_BY_SMS: 'the phone has the SMS.',
  SENT_BY_SMS: 'the SMS provider accepted the SMS. No receipt came in time.',
  REVOKED: 'the message was revoked, and no SMS was asked for.',
  UNCERTAIN: 'it is not known what the phone got.',
  UNDELIVERABLE: 'RBM could not deliver, and no SMS was delivered or asked for.',
  CANCELLED: 'the message was revoked as far as possible.',
  SUPPRESSED: 'nothing was sent.',
};

const REASONS: Readonly<Record<EndReason, string>> = {
  unreachable: 'The phone is not reachable by RCS.',
  refused: 'RBM refused the message.',
  notAccepted: 'RBM had not accepted the message in time.',
  expired: 'The message had expired.',
  platform: 'RBM ended the message before its expiry.',
  operator: 'An operator revoked the message.',
  cancelled: 'The workflow was cancelled.',
  optedOut: 'The person has opted out.',
};

/** `2026-01-02 03:04:05Z` */
const short = (time: string) => time.replace('T', ' ').replace(/\.\d+/, '');

const line = ({ time, source, event, detail }: TimelineEntry) =>
  `- ${short(time)} ${source}: ${event}${detail === undefined ? '' : ` (${inMarkdown(detail)})`}`;
