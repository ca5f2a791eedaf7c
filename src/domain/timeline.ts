import type { EvidenceSource, TimelineEntry } from '../contract/status.js';
import type { Delivery, Evidence } from './evidence.js';

/** A delivery's story, one line per piece of evidence. Holds no number and no text of the message. */
export function timeline({ evidence }: Delivery): TimelineEntry[] {
  return evidence.map((item) => {
    const detail = detailOf(item);
    return {
      time: new Date(item.at).toISOString(),
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

/** `failed: 503 UNAVAILABLE` */
export const because = (answer: string, reason: string | undefined) =>
  reason === undefined ? answer : `${answer}: ${reason}`;

function detailOf(item: Evidence): string | undefined {
  switch (item.kind) {
    case 'sendStarted':
      return `RBM expireTime ${new Date(item.platformExpiresAt).toISOString()}`;
    case 'sendAnswered':
      return because(
        item.mayBeQueued && item.answer !== 'accepted' ? `${item.answer}, may be queued` : item.answer,
        item.reason,
      );
    case 'revokeAnswered':
    case 'smsAnswered':
      return because(item.answer, item.reason);
    case 'smsReconciled':
      return item.found;
    case 'smsStatus':
      return item.status;
    case 'revokeRequested':
      return `${item.reason} (fallback: ${item.fallback})`;
    case 'expiryChanged':
      return new Date(item.expiresAt).toISOString();
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
