import type { EvidenceSource, TimelineEntry } from '../contract/status.js';
import type { Delivery } from './delivery.js';
import type { Evidence, SendAnswered, SmsAnswered, WokeLate } from './evidence.js';
import { LATE } from './late.js';
import { toTime, type Instant } from './plan.js';

/** One entry per piece of evidence. Holds no phone number and no text of the message. */
export function timeline({ evidence, facts }: Pick<Delivery, 'evidence' | 'facts'>): TimelineEntry[] {
  const firstRequest = evidence.find(({ kind }) => kind === 'smsRequested');
  return evidence.map((item) => {
    const detail = item === firstRequest ? facts.fallbackReason : detailOf(item);
    return {
      time: toTime(item.at),
      source: sourceOf(item.kind),
      event: item.kind,
      ...(detail !== undefined && { detail }),
    };
  });
}

function sourceOf(kind: Evidence['kind']): EvidenceSource {
  switch (kind) {
    case 'sendStarted':
    case 'sendStopRequested':
    case 'revokeStarted':
    case 'smsRequested':
    case 'smsStopRequested':
    case 'smsReconciliationStarted':
    case 'resetNoticed':
    case 'lookBackStarted':
    case 'mayHaveBeenSent':
      return 'workflow';
    case 'lookedBack':
      return 'formerRun';
    case 'optedOut':
      return 'optOut';
    case 'sendAnswered':
    case 'revokeAnswered':
      return 'rbm';
    case 'smsAnswered':
    case 'smsReconciled':
    case 'smsStatus':
      return 'sms';
    case 'delivered':
    case 'read':
    case 'replied':
    case 'ttlExpirationRevoked':
    case 'ttlExpirationRevokeFailed':
    case 'otherSender':
      return 'webhook';
    case 'revokeRequested':
    case 'expiryChanged':
    case 'cancelRequested':
      return 'operator';
    case 'notAcceptedInTime':
    case 'wokeLate':
      return 'timer';
  }
}

/** An answer for people: `failed: 503 UNAVAILABLE`, or `failed: not sent, ECONNREFUSED`. */
export function answerText(item: Pick<SendAnswered, 'reason' | 'notSent'> & { readonly answer: string }): string {
  const { answer, reason, notSent = false } = item;
  const why = [notSent && 'not sent', reason].filter((part) => typeof part === 'string').join(', ');
  return why === '' ? answer : `${answer}: ${why}`;
}

/**
 * `accepted`, or who did not accept it and why: `notSent by twilio: account, 401 20003`. Without an id it is not sure that
 * the provider knows of the SMS.
 */
function smsAnswerText(item: SmsAnswered): string {
  const { answer, provider, providerMessageId, smsReason, reason = '' } = item;
  if (providerMessageId === '') return `${answer}, without a usable id`;
  if (answer === 'accepted' || provider === undefined) return answerText(item);
  const why = [smsReason, reason].filter((part) => part !== undefined && part !== '').join(', ');
  return answerText({ answer: `${answer} by ${provider}`, reason: why });
}

/** `23s late, in a backlog`, or `310s late, Temporal by 308s`; without the second half if Temporal could not say. */
function lateText({ at, due, outage }: WokeLate & { readonly at: Instant }): string {
  const late = `${seconds(at - due)} late`;
  if (outage === undefined) return late;
  return outage > LATE ? `${late}, Temporal by ${seconds(outage)}` : `${late}, in a backlog`;
}
const seconds = (ms: number): string => `${String(Math.round(ms / 1000))}s`;

function detailOf(item: Evidence): string | undefined {
  switch (item.kind) {
    case 'sendStarted':
      return `RBM expireTime ${toTime(item.platformExpiresAt)}`;
    case 'sendAnswered':
      return answerText(
        item.mayBeQueued && item.answer !== 'accepted' ? { ...item, answer: `${item.answer}, may be queued` } : item,
      );
    case 'revokeAnswered':
      return answerText(item);
    case 'smsAnswered':
      return smsAnswerText(item);
    case 'notAcceptedInTime':
      return `RBM had not accepted the message by ${toTime(item.due)}`;
    case 'otherSender':
      return `${item.event} from another number, ignored`;
    case 'optedOut':
      return item.source;
    case 'smsReconciled':
    case 'lookedBack':
      return item.found;
    case 'smsStatus':
      return item.status;
    case 'revokeRequested':
      return `${item.reason} (fallback: ${item.fallback})`;
    case 'expiryChanged':
      return toTime(item.expiresAt);
    case 'wokeLate':
      return lateText(item);
    case 'sendStopRequested':
    case 'revokeStarted':
    case 'smsRequested':
    case 'smsStopRequested':
    case 'smsReconciliationStarted':
    case 'resetNoticed':
    case 'lookBackStarted':
    case 'mayHaveBeenSent':
    case 'delivered':
    case 'read':
    case 'replied':
    case 'ttlExpirationRevoked':
    case 'ttlExpirationRevokeFailed':
    case 'cancelRequested':
      return undefined;
  }
}
