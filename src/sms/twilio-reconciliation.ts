import { z } from 'zod';
import type { TwilioApi } from './twilio-api.js';
import { SmsError, type SmsReconcileRequest, type SmsReconciliation } from './sms-provider.js';

/** Twilio's times are whole seconds of its own clock. Milliseconds. */
const CLOCK_TOLERANCE_MS = 5_000;
/** The newest messages to one number; more than that in one delivery's time is no answer. */
const LISTED = 50;
/** The newest messages of the account, to see whether it hides its numbers. */
const GLANCE = 20;

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
 * Looks for the message among the newest to that number. Twilio's DateSent filter would leave out a message that is
 * still queued, so the times are compared here. Twilio may still be at work on a request whose answer was lost: when to
 * ask, so that a `no` is proof, is the caller's to know. What the list hides is no proof (Twilio "Message Redaction").
 */
export async function findAtTwilio(search: TwilioSearch): Promise<SmsReconciliation> {
  const { to, sentAfter } = search.request;
  const listed = await list(search, { to, limit: LISTED });
  const since = Date.parse(sentAfter) - CLOCK_TOLERANCE_MS;
  const recent = listed.filter((message) => message.dateCreated.getTime() >= since);
  const outbound = recent.filter((message) => message.to === to && message.direction !== 'inbound');
  const same = outbound.filter(({ body }) => isSameText(body ?? '', search.request.text));
  const ours = same.find((message) => isOurSender(message, search));
  if (ours !== undefined) return { found: 'yes', providerMessageId: ours.sid };
  // Perhaps the sender or the service was changed meanwhile.
  if (same.length > 0) throw undecided('Twilio has the same text from another sender');
  if (outbound.some(({ body }) => isHidden(body ?? ''))) throw undecided('Twilio hides the text of a message');
  if (listed.length >= LISTED && recent.length === listed.length) throw undecided('Twilio lists too many messages');
  const newest = await list(search, { limit: GLANCE });
  if (newest.some(({ to: number }) => isMasked(number ?? ''))) throw undecided('Twilio hides the numbers');
  return { found: 'no' };
}

async function list({ api }: TwilioSearch, { to, limit }: { readonly to?: string; readonly limit: number }) {
  try {
    return Listed.parse(await api.messages.list({ ...(to !== undefined && { to }), limit, pageSize: limit }));
  } catch (error) {
    // Whatever is wrong with the list, it says nothing about the message.
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

/** A sender that Twilio has not chosen yet (a queued message) is not held against it. */
function isOurSender(message: Listed, { request: { from }, messagingServiceSid }: TwilioSearch): boolean {
  if (from !== undefined) return !message.from || message.from.toLowerCase() === from.toLowerCase();
  return !message.messagingServiceSid || message.messagingServiceSid === messagingServiceSid;
}

/**
 * Twilio's "Smart Encoding", on by default in a messaging service, turns curly quotes, dashes and odd spaces into plain ones;
 * a trial account puts a sentence before the text.
 */
function isSameText(body: string, text: string): boolean {
  const plain = body.replace(/^Sent from your Twilio trial account - /, '').trim();
  return plain === text.trim() || (lettersOf(text) !== '' && lettersOf(plain) === lettersOf(text));
}

const lettersOf = (text: string): string => text.normalize('NFKD').replace(/[^\p{L}\p{N}]/gu, '');

/** A text that Twilio was told to forget. How it shows that is not documented. */
const isHidden = (body: string): boolean => lettersOf(body) === '' || /redacted/i.test(body);

/** A redacted number ends in XXXX. */
const isMasked = (number: string): boolean => /\d[Xx*]{2,}$/.test(number);
