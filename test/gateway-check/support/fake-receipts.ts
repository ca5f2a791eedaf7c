import { createHmac, randomUUID } from 'node:crypto';
import { gzipSync } from 'node:zlib';

export const SECRET = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';

/** What a gateway does wrong with its receipts. */
export interface ReceiptFaults {
  /** The receipts of each SMS. Default: DELIVERED. */
  readonly statuses?: readonly string[];
  readonly receipts?: 'unsigned' | 'compressed' | 'elsewhere' | 'notRepeated' | 'otherIds' | 'form';
}

/** Posts the receipts of an SMS. Repeats each one until it is accepted, at most three times. */
export async function postReceipts(
  url: string,
  reference: string,
  { statuses = ['DELIVERED'], receipts }: ReceiptFaults,
): Promise<void> {
  for (const status of statuses) {
    const body = JSON.stringify({ reference, status, sendTime: new Date().toISOString() });
    const first = `msg_${randomUUID()}`;
    for (let tries = 0; tries < (receipts === 'notRepeated' ? 1 : 3); tries += 1) {
      const id = receipts === 'otherIds' ? `${first}-${String(tries)}` : first;
      const { ok } = await fetch(receipts === 'elsewhere' ? url.replace('/sms/', '/') : url, {
        method: 'POST',
        headers: {
          'content-type': receipts === 'form' ? 'application/x-www-form-urlencoded' : 'application/json',
          ...(receipts === 'compressed' && { 'content-encoding': 'gzip' }),
          ...signed(id, body, receipts === 'unsigned' ? 'whsec_b2xkLXNlY3JldC1vbGQtc2VjcmV0' : SECRET),
        },
        body: receipts === 'compressed' ? gzipSync(body) : body,
      });
      if (ok) break;
    }
  }
}

function signed(id: string, body: string, secret: string) {
  const seconds = String(Math.floor(Date.now() / 1000));
  const hmac = createHmac('sha256', Buffer.from(secret.slice('whsec_'.length), 'base64'));
  const signature = `v1,${hmac.update(`${id}.${seconds}.${body}`).digest('base64')}`;
  return { 'webhook-id': id, 'webhook-timestamp': seconds, 'webhook-signature': signature };
}
