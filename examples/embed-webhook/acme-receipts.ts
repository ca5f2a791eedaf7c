import { createHmac, timingSafeEqual } from 'node:crypto';
import type { SmsReceipts } from 'rcs-message-delivery/webhook';

/** The gateway's states that matter. Any other one changes nothing. */
const STATUSES = new Map([
  ['handed-over', 'SENT'],
  ['on-phone', 'DELIVERED'],
  ['rejected', 'UNDELIVERED'],
] as const);

interface AcmeReceipt {
  readonly id: string;
  readonly reference: string;
  readonly state: Parameters<typeof STATUSES.get>[0];
}

/**
 * Receipts of an SMS gateway of your own: JSON, signed with HMAC-SHA256 in hex in X-Acme-Signature. Checks the signature
 * over the bytes first, then reads them. The `reference` is the one that the SMS was sent with.
 */
export function createAcmeReceipts({ key }: { readonly key: string }): SmsReceipts {
  return {
    contentType: 'application/json',
    read: ({ headers, body }) => {
      const given = Buffer.from(String(headers['x-acme-signature']));
      const expected = Buffer.from(createHmac('sha256', key).update(body).digest('hex'));
      if (given.length !== expected.length || !timingSafeEqual(given, expected)) return { kind: 'unsigned' };
      const { id, reference, state } = JSON.parse(body.toString('utf8')) as AcmeReceipt;
      return { kind: 'receipt', reference, status: STATUSES.get(state), eventId: `${id}:${state}` };
    },
  };
}
