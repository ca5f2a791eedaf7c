import { baseUrl, list, text, variable } from '../config/variable.js';
import { defineSmsProvider, receiptsUrl, WEBHOOK_PUBLIC_URL } from './provider-definition.js';
import { createTwilioProvider, TWILIO } from './twilio-provider.js';
import { createTwilioReceipts, type TwilioReceiptsOptions } from './twilio-receipts.js';
import { messagingServices } from './twilio-senders.js';

const TWILIO_AUTH_TOKEN = variable(list(/^\S+$/).optional(), {
  description:
    'SMS_PROVIDER=twilio: the auth token; of several, the webhook accepts each, a worker without an API key sends with the first.',
  must: "must be the Twilio account's auth token, or several separated by commas",
  secret: 'given',
});

/** SMS_PROVIDER=twilio. */
export const twilioSms = defineSmsProvider({
  name: TWILIO,
  sending: {
    variables: {
      TWILIO_ACCOUNT_SID: variable(text.startsWith('AC').optional(), {
        description: 'SMS_PROVIDER=twilio: the account.',
        must: 'must be a Twilio account SID (AC…)',
      }),
      TWILIO_API_KEY_SID: variable(text.startsWith('SK').optional(), {
        description: 'SMS_PROVIDER=twilio: the API key that the worker sends with, instead of the auth token.',
        must: 'must be the SID of a Twilio API key (SK…)',
      }),
      TWILIO_API_KEY_SECRET: variable(text.regex(/^\S+$/).optional(), {
        description: 'SMS_PROVIDER=twilio: the secret of TWILIO_API_KEY_SID.',
        must: 'must be the secret of the Twilio API key',
        secret: 'given',
      }),
      TWILIO_AUTH_TOKEN,
      TWILIO_MESSAGING_SERVICE_SID: variable(text.startsWith('MG').optional(), {
        description:
          "SMS_PROVIDER=twilio: the messaging service for messages without sender; if unset, each delivery's own sms.sender is used.",
        must: 'must be a Twilio messaging service SID (MG…)',
      }),
      TWILIO_MESSAGING_SERVICES: variable(messagingServices.optional(), {
        description: 'SMS_PROVIDER=twilio: the messaging service for each of these senders, such as ACME=MG….',
        must: 'must be one or more of sender=MG…, separated by commas, each sender once',
      }),
      TWILIO_API_URL: variable(baseUrl.optional(), {
        description: "SMS_PROVIDER=twilio: the base URL, for a proxy or a simulator, instead of Twilio's own.",
        must: 'must be an http or https URL without credentials',
        isUrl: true,
      }),
      WEBHOOK_PUBLIC_URL,
    },
    required: ['TWILIO_ACCOUNT_SID'],
    // TWILIO_AUTH_TOKEN and WEBHOOK_PUBLIC_URL may be set for the webhook server alone.
    requireSmsProvider: [
      'TWILIO_ACCOUNT_SID',
      'TWILIO_API_KEY_SID',
      'TWILIO_API_KEY_SECRET',
      'TWILIO_MESSAGING_SERVICE_SID',
      'TWILIO_MESSAGING_SERVICES',
    ],
    rules: [
      {
        variable: 'TWILIO_AUTH_TOKEN',
        holds: ({ TWILIO_AUTH_TOKEN: token, TWILIO_API_KEY_SID: sid, TWILIO_API_KEY_SECRET: secret }) =>
          [token, sid, secret].some((value) => value !== undefined),
        problem: 'is missing: SMS_PROVIDER=twilio needs it, or TWILIO_API_KEY_SID and TWILIO_API_KEY_SECRET',
      },
      {
        variable: 'TWILIO_API_KEY_SID',
        holds: ({ TWILIO_API_KEY_SID: sid, TWILIO_API_KEY_SECRET: secret }) =>
          sid !== undefined || secret === undefined,
        problem: 'is missing: TWILIO_API_KEY_SECRET is of no use without it',
      },
      {
        variable: 'TWILIO_API_KEY_SECRET',
        holds: ({ TWILIO_API_KEY_SID: sid, TWILIO_API_KEY_SECRET: secret }) =>
          secret !== undefined || sid === undefined,
        problem: 'is missing: TWILIO_API_KEY_SID is of no use without it',
      },
    ],
    configure: (set) => ({
      accountSid: set.TWILIO_ACCOUNT_SID ?? '',
      ...credentials(set),
      ...given('messagingServiceSid', set.TWILIO_MESSAGING_SERVICE_SID),
      ...given('messagingServices', set.TWILIO_MESSAGING_SERVICES),
      ...given('apiUrl', set.TWILIO_API_URL),
      ...given('publicUrl', set.WEBHOOK_PUBLIC_URL),
    }),
    create: ({ publicUrl, ...config }, fetch) =>
      createTwilioProvider({ ...config, fetch, statusCallbackUrl: publicUrl && receiptsUrl(publicUrl, TWILIO) }),
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

interface Credentials {
  readonly TWILIO_API_KEY_SID?: string | undefined;
  readonly TWILIO_API_KEY_SECRET?: string | undefined;
  readonly TWILIO_AUTH_TOKEN?: readonly string[] | undefined;
}

/** The API key if there is one; otherwise the auth token, of several the first. */
function credentials({ TWILIO_API_KEY_SID: sid, TWILIO_API_KEY_SECRET: secret, TWILIO_AUTH_TOKEN }: Credentials) {
  if (sid !== undefined && secret !== undefined) return { apiKey: { sid, secret } };
  return given('authToken', TWILIO_AUTH_TOKEN?.[0]);
}

function given<Name extends string, Value>(name: Name, value: Value | undefined): { readonly [key in Name]?: Value } {
  return value === undefined ? {} : ({ [name]: value } as { readonly [key in Name]?: Value });
}
