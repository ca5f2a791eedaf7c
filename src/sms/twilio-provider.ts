import { baseUrl, list, text, variable } from '../config/variable.js';
import type { Fetch } from '../http/exchange.js';
import { defineSmsProvider, receiptsUrl, WEBHOOK_PUBLIC_URL } from './provider-definition.js';
import { createTwilioApi, type TwilioApi } from './twilio-api.js';
import { SmsError, type SmsProvider, type SmsRequest } from './sms-provider.js';
import { createTwilioReceipts, type TwilioReceiptsOptions } from './twilio-receipts.js';
import { findAtTwilio } from './twilio-reconciliation.js';

const TWILIO_AUTH_TOKEN = variable(list(/^\S+$/).optional(), {
  description:
    'SMS_PROVIDER=twilio: the auth token; of several, the worker sends with the first, the webhook accepts each.',
  must: "must be the Twilio account's auth token, or several separated by commas",
});

/** SMS_PROVIDER=twilio. */
export const twilioSms = defineSmsProvider({
  name: 'twilio',
  sending: {
    variables: {
      TWILIO_ACCOUNT_SID: variable(text.startsWith('AC').optional(), {
        description: 'SMS_PROVIDER=twilio: the account.',
        must: 'must be a Twilio account SID (AC…)',
      }),
      TWILIO_AUTH_TOKEN,
      TWILIO_MESSAGING_SERVICE_SID: variable(text.startsWith('MG').optional(), {
        description:
          "SMS_PROVIDER=twilio: the messaging service that picks the sender; if unset, each delivery's own sms.sender is used.",
        must: 'must be a Twilio messaging service SID (MG…)',
      }),
      TWILIO_API_URL: variable(baseUrl.optional(), {
        description: "SMS_PROVIDER=twilio: the base URL, for a proxy or a simulator, instead of Twilio's own.",
        must: 'must be an http or https URL without credentials',
      }),
      WEBHOOK_PUBLIC_URL,
    },
    required: ['TWILIO_ACCOUNT_SID', 'TWILIO_AUTH_TOKEN'],
    // TWILIO_AUTH_TOKEN and WEBHOOK_PUBLIC_URL may be set for the webhook server alone.
    requireSmsProvider: ['TWILIO_ACCOUNT_SID', 'TWILIO_MESSAGING_SERVICE_SID'],
    configure: ({ TWILIO_ACCOUNT_SID: accountSid = '', TWILIO_AUTH_TOKEN: [authToken = ''] = [], ...others }) => ({
      accountSid,
      authToken,
      ...given('messagingServiceSid', others.TWILIO_MESSAGING_SERVICE_SID),
      ...given('apiUrl', others.TWILIO_API_URL),
      ...given('publicUrl', others.WEBHOOK_PUBLIC_URL),
    }),
    create: ({ publicUrl, ...config }) =>
      createTwilioProvider({ ...config, statusCallbackUrl: publicUrl && receiptsUrl(publicUrl, 'twilio') }),
  },
  receiving: {
    variables: { TWILIO_AUTH_TOKEN, WEBHOOK_PUBLIC_URL },
    required: ['TWILIO_AUTH_TOKEN', 'WEBHOOK_PUBLIC_URL'],
    configure: (variables): TwilioReceiptsOptions | undefined => {
      const { TWILIO_AUTH_TOKEN: authTokens, WEBHOOK_PUBLIC_URL: publicUrl } = variables;
      return authTokens && publicUrl !== undefined ? { authTokens, publicUrl } : undefined;
    },
    create: (config) => createTwilioReceipts(config),
  },
});

function given<Name extends string>(name: Name, value: string | undefined): { readonly [key in Name]?: string } {
  return value === undefined ? {} : ({ [name]: value } as { readonly [key in Name]?: string });
}

export interface TwilioProviderOptions {
  readonly accountSid: string;
  readonly authToken: string;
  /** Picks the sender when the message names none. */
  readonly messagingServiceSid?: string | undefined;
  /** The public URL of /webhooks/sms/twilio. Twilio posts receipts there, with the reference in the query. */
  readonly statusCallbackUrl?: string | undefined;
  /** A base URL that speaks Twilio's protocol. Default: https://api.twilio.com. */
  readonly apiUrl?: string | undefined;
  readonly fetch?: Fetch | undefined;
}

/**
 * Sends through Twilio's Messages API with Twilio's own library (see twilio-api.ts). Twilio has no
 * idempotency key, so an unanswered send must be reconciled before a retry (G2). A malformed account SID or callback
 * URL throws here, not at the first fallback.
 */
export async function createTwilioProvider(options: TwilioProviderOptions): Promise<SmsProvider> {
  const api = await createTwilioApi(options);
  api({ timeoutMs: 0, signal: undefined });
  statusCallback(options, '');
  return {
    name: twilioSms.name,
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
  // A 2xx whose body was lost has no sid, but the SMS was sent.
  return { providerMessageId: typeof sid === 'string' ? sid : '' };
}

/** A sender in the message replaces the service, because Twilio refuses both together if the sender is not in its pool. */
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
