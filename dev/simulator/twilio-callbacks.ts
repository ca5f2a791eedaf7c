import { createHmac } from 'node:crypto';
import type { Clock } from './clock.js';
import type { RetryPolicy } from './retrying-poster.js';
import { createRetryingPoster, post } from './retrying-poster.js';
import type { Sms } from './sms-outbox.js';
import type { TwilioAccount } from './twilio-account.js';

export interface TwilioCallbacksDeps {
  readonly clock: Clock;
  readonly timeScale: number;
  readonly retry: RetryPolicy;
  readonly timeoutMs: number;
  readonly account: TwilioAccount;
}

/** Twilio's status callbacks ("Message status callback"). Only the account's auth token signs them. */
export interface TwilioCallbacks {
  readonly report: (sms: Sms, url: string) => void;
  readonly idle: () => Promise<void>;
  readonly stop: () => Promise<void>;
}

interface Callback {
  readonly url: string;
  readonly params: Readonly<Record<string, string>>;
}

/** X-Twilio-Signature: base64 of the HMAC-SHA1 of the URL and all parameters, sorted by name. */
function signTwilio(authToken: string, url: string, params: Readonly<Record<string, string>>): string {
  const names = Object.keys(params).sort();
  const signed = url + names.map((name) => `${name}${params[name] ?? ''}`).join('');
  return createHmac('sha1', authToken).update(signed).digest('base64');
}

/** 30003: the handset is unreachable. 30036: the validity period expired in the queue. */
export const twilioErrorCode = ({ status, expired }: Sms): number | null =>
  status === 'undelivered' ? (expired === true ? 30036 : 30003) : null;

/** Twilio calls an SMS that never left its queue `failed`. */
export const twilioStatusOf = ({ status, expired }: Sms): string => (expired === true ? 'failed' : status);

export function createTwilioCallbacks(deps: TwilioCallbacksDeps): TwilioCallbacks {
  const { account, timeoutMs } = deps;
  const { accountSid, authToken } = account;
  const poster = createRetryingPoster<Callback>({
    ...deps,
    concurrency: 8,
    oneQueue: false,
    isReady: () => true,
    async attempt({ url, params }, signal) {
      const headers = {
        'content-type': 'application/x-www-form-urlencoded; charset=utf-8',
        'x-twilio-signature': signTwilio(authToken, url, params),
        'i-twilio-idempotency-token': params['MessageSid'] ?? '',
      };
      const body = new URLSearchParams(params).toString();
      const status = await post({ url, headers, body }, timeoutMs, signal);
      return status !== undefined && status >= 200 && status < 300;
    },
  });
  return {
    report(sms, url) {
      const { id, to, from, service } = sms;
      const status = twilioStatusOf(sms);
      const errorCode = twilioErrorCode(sms);
      const params = {
        ...{ MessageSid: id, SmsSid: id, AccountSid: accountSid, ApiVersion: '2010-04-01', To: to },
        ...{ MessageStatus: status, SmsStatus: status },
        ...(service === undefined ? {} : { MessagingServiceSid: service }),
        ...(from === undefined ? {} : { From: from }),
        ...(errorCode === null ? {} : { ErrorCode: String(errorCode) }),
      };
      poster.push({ url, params });
    },
    idle: poster.idle,
    stop: poster.stop,
  };
}
