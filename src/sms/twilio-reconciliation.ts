import { z } from 'zod';
import type { TwilioApi } from './twilio-api.js';
import { SmsError, type SmsReconcileRequest, type SmsReconciliation } from './sms-provider.js';

/** Tolerated difference of clocks: Twilio's times are whole seconds of its own clock. Milliseconds. */
const CLOCK_TOLERANCE_MS = 5_000;
/** How many messages to the number are read, newest first. With more in the delivery's time, the result is unknown. */
const LISTED = 50;
/** How many of the account's newest messages are read, to see whether it hides its numbers. */
const SAMPLED = 20;

const optionalText = z.string().nullish();
const Listed = z.array(
  z.object({
    sid: z.string(),
    to: optionalText,
    from: optionalText,
    body: optionalText,
    direction: optionalText,
    messagingServiceSid: optionalText,
    dateCreated: z.date(),
  }),
);
type Listed = z.infer<typeof Listed>[number];

export interface TwilioSearch {
  readonly api: ReturnType<TwilioApi>;
  readonly request: SmsReconcileRequest;
  readonly messagingServiceSid?: string | undefined;
}

/**
 * Looks for the SMS among the newest messages to that number. Twilio's DateSent filter omits messages that are still
 * queued, so the times are compared here. Twilio may still be processing a request whose answer was lost: the caller
 * must wait long enough for a `no` to be proof. Hidden texts or numbers prove nothing (Twilio "Message Redaction").
 */
export async function findAtTwilio(search: TwilioSearch): Promise<SmsReconciliation> {
  const { to, sentAfter } = search.request;
  const listed = await list(search, { to, limit: LISTED });
  const since = Date.parse(sentAfter) - CLOCK_TOLERANCE_MS;
  const recent = listed.filter((message) => message.dateCreated.getTime() >= since);
  const outbound = recent.filter((message) => message.to === to && message.direction !== 'inbound');
  const same = outbound.filter(({ body }) => isSameText(body ?? '', search.request.text));
  const found = same.find((message) => hasSameSender(message, search));
  if (found !== undefined) return { found: 'yes', providerMessageId: found.sid };
  // The sender or the service may have been changed since.
  if (same.length > 0) throw undecided('Twilio has the same text from another sender');
  if (outbound.some(({ body }) => isHidden(body ?? ''))) throw undecided('Twilio hides the text of a message');
  if (listed.length >= LISTED && recent.length === listed.length) throw undecided('Twilio lists too many messages');
  const newest = await list(search, { limit: SAMPLED });
  if (newest.some(({ to: number }) => isMasked(number ?? ''))) throw undecided('Twilio hides the numbers');
  return { found: 'no' };
}

async function list({ api }: TwilioSearch, { to, limit }: { readonly to?: string; readonly limit: number }) {
  try {
    return Listed.parse(await api.messages.list({ ...(to !== undefined && { to }), limit, pageSize: limit }));
  } catch (error) {
    // A failed list says nothing about the SMS.
    if (error instanceof SmsError) throw new SmsError({ ...fieldsOf(error), kind: 'unanswered' });
  }
  throw undecided('Twilio gave no readable list of messages');
}

const fieldsOf = ({ message, httpStatus, code, retryAfterMs }: SmsError) => ({
  message,
  httpStatus,
  code,
  retryAfterMs,
});

const undecided = (message: string): SmsError => new SmsError({ kind: 'unanswered', message });

/** True also for a queued message whose sender Twilio has not chosen yet. */
function hasSameSender(message: Listed, { request: { from }, messagingServiceSid }: TwilioSearch): boolean {
  if (from !== undefined) return !message.from || message.from.toLowerCase() === from.toLowerCase();
  return !message.messagingServiceSid || message.messagingServiceSid === messagingServiceSid;
}

/**
 * Compares letters and digits only: Twilio's "Smart Encoding", on by default in a messaging service, replaces curly
 * quotes, dashes and special spaces. A trial account puts a sentence before the text.
 */
function isSameText(body: string, text: string): boolean {
  const plain = body.replace(/^Sent from your Twilio trial account - /, '').trim();
  return plain === text.trim() || (lettersOf(text) !== '' && lettersOf(plain) === lettersOf(text));
}

const lettersOf = (text: string): string => text.normalize('NFKD').replace(/[^\p{L}\p{N}]/gu, '');

/** Whether Twilio has redacted the text. How it shows that is not documented. */
const isHidden = (body: string): boolean => lettersOf(body) === '' || /redacted/i.test(body);

/** A redacted number ends in XXXX. */
const isMasked = (number: string): boolean => /\d[Xx*]{2,}$/.test(number);
