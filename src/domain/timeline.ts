import type { EvidenceSource, TimelineEntry } from '../contract/status.js';
import type { Evidence, SendAnswered } from './evidence.js';
import { toTime } from './plan.js';

/** One entry per piece of evidence. Holds no phone number and no text of the message. */
export function timeline(evidence: readonly Evidence[]): TimelineEntry[] {
  return evidence.map((item) => {
    const detail = detailOf(item);
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
    case 'mayHaveBeenSent':
      return 'workflow';
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
      return 'webhook';
    case 'revokeRequested':
    case 'expiryChanged':
    case 'cancelRequested':
      return 'operator';
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

function detailOf(item: Evidence): string | undefined {
  switch (item.kind) {
    case 'sendStarted':
      return `RBM expireTime ${toTime(item.platformExpiresAt)}`;
    case 'sendAnswered':
      return answerText(
        item.mayBeQueued && item.answer !== 'accepted' ? { ...item, answer: `${item.answer}, may be queued` } : item,
      );
    case 'revokeAnswered':
    case 'smsAnswered':
      return answerText(item);
    case 'smsReconciled':
      return item.found;
    case 'smsStatus':
      return item.status;
    case 'revokeRequested':
      return `${item.reason} (fallback: ${item.fallback})`;
    case 'expiryChanged':
      return toTime(item.expiresAt);
    case 'wokeLate':
      return `${String(Math.round((item.at - item.due) / 1000))}s late`;
    case 'sendStopRequested':
    case 'revokeStarted':
    case 'smsRequested':
    case 'smsStopRequested':
    case 'smsReconciliationStarted':
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
