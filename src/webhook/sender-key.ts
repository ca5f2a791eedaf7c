import { createHmac, randomBytes } from 'node:crypto';

/** Makes the keys of this process only. Nobody can try out numbers against them, and they are never written. */
const secret = randomBytes(32);

/** What stands for a sender's number in the webhook's memory: 22 characters, or none for an event without a number. */
export function senderKey(from: string | undefined): string {
  return from === undefined ? '' : createHmac('sha256', secret).update(from).digest('base64url').slice(0, 22);
}
