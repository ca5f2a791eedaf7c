import { inMarkdown } from '../contract/markdown.js';
import { isLate, type DeliveryStatus, type Phase, type TimelineEntry } from '../contract/status.js';
import { END_REASON_WORDS, nextSentence, outcomeSentence, PHASE_WORDS } from '../contract/words.js';
import { statusOf } from '../domain/report.js';
import type { Snapshot } from '../domain/snapshot.js';
import type { Decision, Step } from '../domain/step.js';

/** A timer's label in the Web UI: what is waited for, and what follows if it does not come. */
export function timerSummary(snapshot: Snapshot): string {
  const { decision } = snapshot;
  const forecast = snapshot.forecast();
  if ('outcome' in decision || forecast === null) return 'wait';
  return `${WAITS[decision.phase]}, then ${labelOf(forecast.decision)}`;
}

const WAITS: Readonly<Record<Phase, string>> = {
  SENDING: 'wait for RBM to accept the message',
  AWAITING_DELIVERY: 'until expiry',
  REVOKING: 'wait for DELIVERED',
  CONFIRMING_REVOCATION: 'grace',
  FALLING_BACK: 'wait for the SMS provider',
  AWAITING_SMS_RECEIPT: 'wait for the SMS receipt',
};

const labelOf = (decision: Decision): string =>
  'outcome' in decision ? `settle as ${decision.outcome}` : LABELS[decision.step.do];

const LABELS: Readonly<Record<Step['do'], string>> = {
  send: 'create',
  stopSending: 'give RBM up',
  giveUpAcceptance: 'give RBM up',
  lookBack: 'look back',
  revoke: 'revoke',
  sendSms: 'SMS',
  stopSms: 'call the SMS off',
  reconcileSms: 'ask the SMS provider',
  wait: 'wait on',
};

/** The run's "current details" in the Web UI: Markdown, without the phone number or the text. */
export function currentDetails(snapshot: Snapshot): string {
  const status = statusOf(snapshot);
  const learned = latest(status.evidence);
  return [...headline(status), ...(learned.length > 0 ? ['', ...learned] : []), ...EMPTY_PARAGRAPH].join('\n');
}

/** The Web UI's pane shows some six lines. */
const SHOWN_EVIDENCE = 4;

/** The latest evidence, in the order of time as everywhere. */
function latest(evidence: readonly TimelineEntry[]): string[] {
  const earlier = Math.max(0, evidence.length - SHOWN_EVIDENCE);
  return [...(earlier === 0 ? [] : [`- ${String(earlier)} earlier`]), ...evidence.slice(earlier).map(line)];
}

/** The Web UI's pane is a little too low for its text, and would cut off half of the last line. */
const EMPTY_PARAGRAPH = ['', '\u00a0'];

function headline(status: DeliveryStatus): string[] {
  const { phase, outcome, expireTime, next, reason, sms } = status;
  const why = reason === undefined ? '' : ` ${END_REASON_WORDS[reason]}`;
  if (phase !== null) {
    // The next step of a message that waits for its delivery is its revocation, at the expiry.
    const expiry = next?.time === expireTime ? '' : ` Expiry: ${short(expireTime)}.`;
    const then = nextSentence(status, (time) => `**${short(time)}**`);
    return [`**${phase}**: ${PHASE_WORDS[phase]}${why}${expiry}${then === undefined ? '' : ` ${then}`}`];
  }
  if (outcome === null) return [];
  const late = sms !== undefined && isLate(sms.lateness) ? ` The SMS was requested ${sms.lateness} too late.` : '';
  return [`**${outcome}**: ${outcomeSentence(status) ?? ''}${why}${late}`];
}

/** `2026-01-02 03:04:05Z` */
const short = (time: string) => time.replace('T', ' ').replace(/\.\d+/, '');

const line = ({ time, source, event, detail }: TimelineEntry) =>
  `- ${short(time)} ${source}: ${event}${detail === undefined ? '' : ` (${inMarkdown(detail)})`}`;
