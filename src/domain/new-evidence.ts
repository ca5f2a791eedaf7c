import type { EventEvidence, Finding } from './evidence.js';
import type { Facts } from './delivery.js';

/** A delivery records at most this many TTL events of a kind: RBM may repeat one under new ids. */
const MAX_TTL_EVENTS = 100;

/** A delivery records at most this many events from other numbers. */
const MAX_OTHER_SENDERS = 20;

/** True for what comes by a signal. */
export function isEvent(item: Finding): item is EventEvidence {
  const kinds: readonly string[] = EVENT_KINDS;
  return kinds.includes(item.kind);
}

const EVENT_KINDS = [
  'delivered',
  'read',
  'replied',
  'ttlExpirationRevoked',
  'ttlExpirationRevokeFailed',
  'otherSender',
  'optedOut',
  'smsStatus',
] as const satisfies readonly EventEvidence['kind'][];

/** False for an event that repeats a known one. RBM and SMS providers send many events more than once. */
export function isNewEvidence({ rcs, sms }: Facts, event: EventEvidence): boolean {
  switch (event.kind) {
    case 'delivered':
    case 'read':
    case 'replied':
      return !rcs.proofs.includes(event.kind);
    case 'ttlExpirationRevoked':
    case 'ttlExpirationRevokeFailed': {
      const known = rcs.ttlEvents[event.kind];
      return known.length < MAX_TTL_EVENTS && !known.includes(event.eventId);
    }
    case 'otherSender':
      return rcs.otherSenders < MAX_OTHER_SENDERS;
    case 'optedOut':
      return rcs.optOutHeardAt === undefined && rcs.optedOutAt === undefined;
    case 'smsStatus':
      return !sms.receipts.includes(event.status);
  }
}
