import { createHash } from 'node:crypto';

/** The senders of each messaging service, by its SID (`MG…`). */
export type TwilioServices = Readonly<Record<string, readonly string[]>>;

/** Who sends an SMS, or Twilio's code for a request that names no usable sender. */
type Sender = { readonly code: number } | { readonly from: string | undefined; readonly service: string | undefined };

/**
 * Chooses the sender as a messaging service does: one of its pool, always the same for one recipient ("sticky sender").
 * Without services, every SID is accepted and its sender stays open.
 */
export function twilioSender(form: URLSearchParams, services: TwilioServices | undefined): Sender {
  const from = form.get('From') ?? undefined;
  const service = form.get('MessagingServiceSid') ?? undefined;
  if (service === undefined) {
    if (from === undefined || from === '') return { code: 21603 };
    return isSender(from) ? { from, service } : { code: 21212 };
  }
  if (services === undefined) return { from, service };
  const pool = services[service];
  if (pool === undefined) return { code: 21701 };
  if (pool.length === 0) return { code: 21703 };
  // A sender outside the pool: Twilio answers with the code of a number that the account can't send from.
  if (from !== undefined) return pool.includes(from) ? { from, service } : { code: 21606 };
  const [first = 0] = createHash('sha256')
    .update(form.get('To') ?? '')
    .digest();
  return { from: pool[first % pool.length], service };
}

/** A number, a short code, or an alphanumeric sender: 1 to 11 letters, digits and a few signs, with at least one letter. */
const isSender = (from: string): boolean =>
  /^\+[1-9]\d{6,14}$/.test(from) ||
  /^\d{3,8}$/.test(from) ||
  (/^[A-Za-z0-9 &+_-]{1,11}$/.test(from) && /[A-Za-z]/.test(from));
