import type { EventEvidence } from './evidence.js';
import type { Facts } from './delivery.js';

/** A delivery records at most this many TTL events of a kind: RBM may repeat one under new ids. */
const MAX_TTL_EVENTS = 100;

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
    case 'smsStatus':
      return !sms.receipts.includes(event.status);
  }
}
