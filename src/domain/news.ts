import { allOf, type Delivery, type EventEvidence } from './evidence.js';

/** RBM and SMS providers tell things more than once; a delivery remembers each only as often as it can matter. */
const MAX_EVENTS = 100;

/** False for an event that repeats what is known: the same statement again, whoever numbered it. */
export function isNews(delivery: Delivery, event: EventEvidence): boolean {
  const known = allOf(delivery, event.kind);
  if (known.length >= MAX_EVENTS) return false;
  switch (event.kind) {
    case 'delivered':
    case 'read':
    case 'replied':
      return known.length === 0;
    case 'ttlExpirationRevoked':
    case 'ttlExpirationRevokeFailed':
      return !known.some((item) => item.kind !== 'smsStatus' && item.eventId === event.eventId);
    case 'smsStatus': {
      // One from before the request can't be about it, so it must not hide the one that is.
      const requested = delivery.evidence.findIndex(({ kind }) => kind === 'smsRequested');
      const receipts = allOf({ ...delivery, evidence: delivery.evidence.slice(Math.max(requested, 0)) }, 'smsStatus');
      return !receipts.some(({ status }) => status === event.status);
    }
  }
}
