import { z } from 'zod';
import type { Fetch } from '../http/exchange.js';
import { createTwilioApi, type TwilioApi } from './twilio-api.js';
import { SmsError, type SmsProvider, type SmsReconcileRequest, type SmsRequest } from './sms-provider.js';

export interface TwilioProviderOptions {
  readonly accountSid: string;
  readonly authToken: string;
  /** Sends where the message names no sender. */
  readonly messagingServiceSid?: string | undefined;
  /** The public URL of /webhooks/sms/twilio; receipts come back to it with the reference in the query. */
  readonly statusCallbackUrl?: string | undefined;
  /** Instead of https://api.twilio.com: a base URL that speaks Twilio's protocol. */
  readonly apiUrl?: string | undefined;
  readonly fetch?: Fetch | undefined;
}

/** Twilio's times are whole seconds of its own clock. Milliseconds. */
const CLOCK_TOLERANCE_MS = 5_000;
/** The newest messages to one number; more than that in one delivery's time is no answer. */
const LISTED = 50;

/**
 * Twilio's Messages API through its own library, which is loaded here and nowhere else. Twilio has no idempotency key:
 * an unanswered send must be reconciled before it is repeated (G2). A malformed account SID or callback URL throws here,
 * not at the first fallback.
 */
export async function createTwilioProvider(options: TwilioProviderOptions): Promise<SmsProvider> {
  const api = await createTwilioApi(options);
  api({ timeoutMs: 0, signal: undefined });
  statusCallback(options, '');
  return {
    name: 'twilio',
    repeatable: false,
    send: (request, signal) => send({ api, options }, request, signal),
    reconcile: (request, signal) => reconcile({ api, options }, request, signal),
  };
}

interface Twilio {
  readonly api: TwilioApi;
  readonly options: TwilioProviderOptions;
}

async function send({ api, options }: Twilio, request: SmsRequest, signal?: AbortSignal) {
  const { to, text, reference, timeoutMs } = request;
  const callback = statusCallback(options, reference);
  const { sid } = await api({ timeoutMs, signal }).messages.create({
    to,
    body: text,
    ...senderOf(options, request),
    ...(callback !== undefined && { statusCallback: callback }),
  });
  // A 2xx whose body was lost has no sid, and is sent all the same.
  return { providerMessageId: typeof sid === 'string' ? sid : '' };
}

/** The message's own sender wins: Twilio refuses one that is not in the service's pool. */
function senderOf({ messagingServiceSid }: TwilioProviderOptions, { from }: SmsRequest) {
  if (from !== undefined) return { from };
  if (messagingServiceSid !== undefined) return { messagingServiceSid };
  const message = 'the message names no sender, and TWILIO_MESSAGING_SERVICE_SID is not set';
  throw new SmsError({ kind: 'refused', message });
}

function statusCallback({ statusCallbackUrl }: TwilioProviderOptions, reference: string): string | undefined {
  if (statusCallbackUrl === undefined) return undefined;
  const url = new URL(statusCallbackUrl);
  url.searchParams.set('reference', reference);
  return url.href;
}

/**
 * Looks for the message among the newest to that number. Twilio's DateSent filter would leave out a message that is
 * still queued, so the times are compared here. Twilio may still be at work on a request whose answer was lost: when to
 * ask, so that a `no` is proof, is the caller's to know.
 */
async function reconcile({ api, options }: Twilio, request: SmsReconcileRequest, signal?: AbortSignal) {
  const { to, sentAfter, timeoutMs } = request;
  const listed = await listTo({ to, api: api({ timeoutMs, signal }) });
  const since = Date.parse(sentAfter) - CLOCK_TOLERANCE_MS;
  const recent = listed.filter((message) => message.dateCreated.getTime() >= since);
  const ours = recent.find((message) => isOurs({ message, request, options }));
  if (ours !== undefined) return { found: 'yes', providerMessageId: ours.sid } as const;
  if (listed.length >= LISTED && recent.length === listed.length) throw undecided('Twilio lists too many messages');
  return { found: 'no' } as const;
}

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

async function listTo({ to, api }: { readonly to: string; readonly api: ReturnType<TwilioApi> }) {
  try {
    return Listed.parse(await api.messages.list({ to, limit: LISTED, pageSize: LISTED }));
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

interface Candidate {
  readonly message: z.infer<typeof Listed>[number];
  readonly request: SmsReconcileRequest;
  readonly options: TwilioProviderOptions;
}

/** By number, text and sender. A sender that Twilio has not chosen yet (a queued message) is not held against it. */
function isOurs({ message, request: { to, text, from }, options: { messagingServiceSid } }: Candidate): boolean {
  if (message.to !== to || message.body?.trim() !== text.trim() || message.direction === 'inbound') return false;
  if (from !== undefined) return !message.from || message.from === from;
  return !message.messagingServiceSid || message.messagingServiceSid === messagingServiceSid;
}
