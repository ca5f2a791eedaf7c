import type { Fetch } from '../http/exchange.js';
import { createTwilioApi, type TwilioApi } from './twilio-api.js';
import { SmsError, type SmsProvider, type SmsRequest } from './sms-provider.js';
import { findAtTwilio } from './twilio-reconciliation.js';

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
    reconcile: (request, signal) => {
      const { timeoutMs } = request;
      const { messagingServiceSid } = options;
      return findAtTwilio({ api: api({ timeoutMs: timeoutMs / 2, signal }), request, messagingServiceSid });
    },
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
