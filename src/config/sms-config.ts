import { z } from 'zod';
import { SMS_PROVIDER, SMS_PROVIDERS, TWILIO_AUTH_TOKEN, WEBHOOK_PUBLIC_URL } from './shared-variables.js';
import { baseUrl, rule, text, url, variable } from './variable.js';

export const smsFields = z.object({
  SMS_PROVIDER,
  SMS_HTTP_URL: variable(url.optional(), {
    description: 'SMS_PROVIDER=http: where SMS requests are posted to.',
    must: 'must be an http or https URL without credentials',
  }),
  SMS_HTTP_TOKEN: variable(text.optional(), {
    description: 'SMS_PROVIDER=http: the bearer token of these requests.',
    must: 'must be the bearer token',
  }),
  TWILIO_ACCOUNT_SID: variable(text.startsWith('AC').optional(), {
    description: 'SMS_PROVIDER=twilio: the account.',
    must: 'must be a Twilio account SID (AC…)',
  }),
  TWILIO_AUTH_TOKEN,
  TWILIO_MESSAGING_SERVICE_SID: variable(text.startsWith('MG').optional(), {
    description: "Twilio: the messaging service that picks the sender. Unset: each delivery's own sms.sender.",
    must: 'must be a Twilio messaging service SID (MG…)',
  }),
  TWILIO_API_URL: variable(baseUrl.optional(), {
    description: "Twilio's base URL, for proxies and simulators. Default: Twilio's own.",
    must: 'must be an http or https URL without credentials',
  }),
  WEBHOOK_PUBLIC_URL,
});
type SmsVariables = z.output<typeof smsFields>;

/** Says that a worker means to send SMS. TWILIO_AUTH_TOKEN does not: the webhook server has it too. */
const signs = ['SMS_HTTP_URL', 'SMS_HTTP_TOKEN', 'TWILIO_ACCOUNT_SID', 'TWILIO_MESSAGING_SERVICE_SID'] as const;
const needs = (provider: 'http' | 'twilio', name: keyof SmsVariables) =>
  rule<SmsVariables>(
    (set) => set.SMS_PROVIDER !== provider || set[name] !== undefined,
    name,
    `is missing: SMS_PROVIDER=${provider} needs it`,
  );

/** A provider that is half configured would be noticed with the first fallback only. */
export const smsRules = [
  rule<SmsVariables>(
    (set) => set.SMS_PROVIDER !== undefined || signs.every((name) => set[name] === undefined),
    'SMS_PROVIDER',
    `is missing: it must be one of ${SMS_PROVIDERS.join(', ')} when a variable of an SMS provider is set`,
  ),
  needs('http', 'SMS_HTTP_URL'),
  needs('http', 'SMS_HTTP_TOKEN'),
  needs('twilio', 'TWILIO_ACCOUNT_SID'),
  needs('twilio', 'TWILIO_AUTH_TOKEN'),
];

export type SmsConfig =
  | { readonly provider: 'http'; readonly url: string; readonly token: string }
  | {
      readonly provider: 'twilio';
      readonly accountSid: string;
      readonly authToken: string;
      readonly messagingServiceSid?: string;
      readonly apiUrl?: string;
      /** The webhook server's public base URL, where receipts come in. */
      readonly publicUrl?: string;
    };

/** From variables that keep the {@link smsRules}. */
export function smsConfig(variables: SmsVariables): SmsConfig | undefined {
  switch (variables.SMS_PROVIDER) {
    case undefined:
      return undefined;
    case 'http': {
      const { SMS_HTTP_URL: url = '', SMS_HTTP_TOKEN: token = '' } = variables;
      return { provider: 'http', url, token };
    }
    case 'twilio': {
      const { TWILIO_ACCOUNT_SID: accountSid = '', TWILIO_AUTH_TOKEN: [authToken = ''] = [] } = variables;
      const { TWILIO_MESSAGING_SERVICE_SID: messagingServiceSid, TWILIO_API_URL: apiUrl } = variables;
      const { WEBHOOK_PUBLIC_URL: publicUrl } = variables;
      return {
        provider: 'twilio',
        accountSid,
        authToken,
        ...(messagingServiceSid !== undefined && { messagingServiceSid }),
        ...(apiUrl !== undefined && { apiUrl }),
        ...(publicUrl !== undefined && { publicUrl }),
      };
    }
  }
}
