import { z } from 'zod';
import { SmsError } from './sms-error.js';
import type { SmsReconcileRequest, SmsReconciliation } from './sms-provider.js';
import type { TwilioApi } from './twilio-api.js';
import type { Senders } from './twilio-senders.js';
import { twilioSid } from './twilio-sid.js';

/** Tolerated difference of clocks: Twilio's times are whole seconds of its own clock. Milliseconds. */
const CLOCK_TOLERANCE_MS = 5_000;
/** How many messages to the number are read, newest first. With more in the delivery's time, the result is unknown. */
const LISTED = 50;
/** How many of the account's newest messages are read, to see whether it hides its numbers. */
const SAMPLED = 20;
/** Up to this many lists share the time of one reconciliation. */
const LISTS = 3;

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
  readonly api: TwilioApi;
  readonly senders: Senders;
  readonly request: SmsReconcileRequest;
  readonly signal: AbortSignal | undefined;
}

/** Where a messaging service has an RCS sender, Twilio may send the SMS as RCS, to `rcs:+…` (Twilio "Send RCS messages"). */
const RCS = 'rcs:';

/**
 * Looks for the SMS among the newest messages to that number, as SMS and as RCS. Twilio's DateSent filter omits messages
 * that are still queued, so the times are compared here. Twilio may still be processing a request whose answer was lost:
 * the caller must wait long enough for a `no` to be proof. Hidden texts or numbers prove nothing (Twilio "Message
 * Redaction").
 */
export async function findAtTwilio(search: TwilioSearch): Promise<SmsReconciliation> {
  const { to } = search.request;
  // Twilio's filter compares the whole address, so it does not find rcs:+… by the number.
  for (const address of [to, `${RCS}${to}`]) {
    const found = findAmong(await list(search, { to: address, limit: LISTED }), search);
    if (found !== undefined) return { found: 'yes', providerMessageId: twilioSid(found.sid) };
  }
  const newest = await list(search, { limit: SAMPLED });
  if (newest.some(({ to: number }) => isMasked(number ?? ''))) throw undecided('Twilio hides the numbers');
  return { found: 'no' };
}

/** The SMS, if it is in the list. Throws where the list can't tell. */
function findAmong(listed: readonly Listed[], search: TwilioSearch): Listed | undefined {
  const { to, sentAfter, text } = search.request;
  const since = Date.parse(sentAfter) - CLOCK_TOLERANCE_MS;
  const recent = listed.filter((message) => message.dateCreated.getTime() >= since);
  const sent = recent.filter(({ direction }) => direction !== 'inbound');
  const outbound = sent.filter((message) => numberOf(message) === to);
  const same = outbound.filter(({ body }) => isSameText(body ?? '', text));
  const found = same.find((message) => hasSameSender(message, search));
  if (found !== undefined) return found;
  // The sender or the service may have been changed since.
  if (same.length > 0) throw undecided('Twilio has the same text from another sender');
  if (outbound.some(({ body }) => isHidden(body ?? ''))) throw undecided('Twilio hides the text of a message');
  if (sent.some((message) => isRcs(message) && !isNumber(numberOf(message)))) {
    throw undecided('Twilio hides the number of an RCS message');
  }
  if (listed.length >= LISTED && recent.length === listed.length) throw undecided('Twilio lists too many messages');
  return undefined;
}

async function list(search: TwilioSearch, { to, limit }: { readonly to?: string; readonly limit: number }) {
  const { api, request, signal } = search;
  try {
    const { messages } = api({ timeoutMs: request.timeoutMs / LISTS, signal });
    return Listed.parse(await messages.list({ ...(to !== undefined && { to }), limit, pageSize: limit }));
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

const isRcs = ({ to, from }: Listed): boolean => [to, from].some((address) => address?.startsWith(RCS) === true);

const numberOf = ({ to }: Listed): string => (to ?? '').replace(/^rcs:/, '');
const isNumber = (number: string): boolean => /^\+\d+$/.test(number);

/**
 * True also for a queued message whose sender Twilio has not chosen yet. An RCS message comes from an agent, whatever
 * sender the message names.
 */
function hasSameSender(message: Listed, { request: { from }, senders }: TwilioSearch): boolean {
  const { from: sender, messagingServiceSid } = message;
  const service = senders.serviceOf(from);
  if (from !== undefined && sender?.toLowerCase() === from.toLowerCase()) return true;
  if (from !== undefined && service === undefined) return !sender || isRcs(message);
  return !messagingServiceSid || messagingServiceSid === service;
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
