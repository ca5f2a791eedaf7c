import { httpSms } from './http-provider.js';
import { twilioSms } from './twilio-definition.js';

/**
 * Every SMS provider that SMS_PROVIDER can name. To add one, write a file with its definition and name it here: the
 * worker's and the webhook's configuration, the route for receipts and docs/configuration.md follow.
 */
export const SMS_PROVIDERS = [twilioSms, httpSms] as const;
