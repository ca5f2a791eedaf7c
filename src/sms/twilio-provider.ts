import { SmsError } from './sms-error.js';
import type { SmsProvider, SmsRequest } from './sms-provider.js';
import { createTwilioApi, type TwilioApi, type TwilioApiOptions } from './twilio-api.js';
import { findAtTwilio } from './twilio-reconciliation.js';
import { createSenders, type Senders, type SenderOptions } from './twilio-senders.js';
import { twilioSid } from './twilio-sid.js';

/** The provider's word in SMS_PROVIDER, results and metrics. */
export const TWILIO = 'twilio';

export interface TwilioProviderOptions extends TwilioApiOptions, SenderOptions {
  /** The public URL of /webhooks/sms/twilio. Twilio posts receipts there, with the reference in the query. */
  readonly statusCallbackUrl?: string | undefined;
}

/**
 * Sends through Twilio's Messages API with Twilio's own library (see twilio-api.ts). Twilio has no
 * idempotency key, so an unanswered send must be reconciled before a retry (G2). Missing credentials, a malformed account
 * SID or callback URL throw here, not at the first fallback.
 */
export async function createTwilioProvider(options: TwilioProviderOptions): Promise<SmsProvider> {
  const api = await createTwilioApi(options);
  api({ timeoutMs: 0, signal: undefined });
  statusCallback(options, '');
  const senders = createSenders(options);
  return {
    name: TWILIO,
    repeatable: false,
    send: (request, signal) => send({ api, senders, options }, request, signal),
    reconcile: (request, signal) => findAtTwilio({ api, senders, request, signal }),
  };
}

interface Twilio {
  readonly api: TwilioApi;
  readonly senders: Senders;
  readonly options: TwilioProviderOptions;
}

/** Seconds. Twilio's `ValidityPeriod` may be 1 to 36,000 (Twilio "Messages resource"). */
const LONGEST_VALIDITY = 36_000;

async function send({ api, senders, options }: Twilio, request: SmsRequest, signal?: AbortSignal) {
  const { to, from, text, validitySeconds, reference, timeoutMs } = request;
  const callback = statusCallback(options, reference);
  const { sid } = await api({ timeoutMs, signal }).messages.create({
    to,
    body: text,
    ...senderParameter(senders, from),
    validityPeriod: Math.min(validitySeconds, LONGEST_VALIDITY),
    ...(callback !== undefined && { statusCallback: callback }),
  });
  // A 2xx whose body was lost has no sid, but the SMS was sent.
  return { providerMessageId: twilioSid(sid) };
}

function senderParameter(senders: Senders, from: string | undefined) {
  const messagingServiceSid = senders.serviceOf(from);
  if (messagingServiceSid !== undefined) return { messagingServiceSid };
  if (from !== undefined) return { from };
  const message = 'the message names no sender, and TWILIO_MESSAGING_SERVICE_SID is not set';
  throw new SmsError({ reason: 'sender', message });
}

function statusCallback({ statusCallbackUrl }: TwilioProviderOptions, reference: string): string | undefined {
  if (statusCallbackUrl === undefined) return undefined;
  const url = new URL(statusCallbackUrl);
  url.searchParams.set('reference', reference);
  return url.href;
}
