import { z } from 'zod';
import { jsonOf, type Answer, type Fetch } from '../http/exchange.js';
import { retryAfterMs } from '../http/retry-after.js';
import { smsErrorKind, smsExchange } from './sms-exchange.js';
import { SmsError, type SmsProvider, type SmsRequest } from './sms-provider.js';

export interface HttpSmsProviderOptions {
  /** SMS_HTTP_URL: where SMS are POSTed. */
  readonly url: string;
  /** SMS_HTTP_TOKEN: the bearer token. */
  readonly token: string;
  readonly fetch?: Fetch;
}

/**
 * Any gateway that speaks our `http` protocol: a POST with an Idempotency-Key, answered with 2xx
 * and an id. The key makes a repeat harmless. Throws a TypeError when the URL is not http(s) or carries credentials.
 */
export function createHttpSmsProvider({ url, token, fetch }: HttpSmsProviderOptions): SmsProvider {
  const target = URL.canParse(url) ? new URL(url) : undefined;
  if (target === undefined || !/^https?:$/.test(target.protocol) || target.username !== '') {
    throw new TypeError('the SMS gateway must be an http or https URL without credentials');
  }
  return {
    name: 'http',
    repeatable: true,
    send: async (request, signal) => {
      const { idempotencyKey, timeoutMs } = request;
      const headers = {
        authorization: `Bearer ${token}`,
        'content-type': 'application/json',
        'idempotency-key': idempotencyKey,
      };
      const body = bodyOf(request);
      const answer = await smsExchange({ url: target.href, method: 'POST', headers, body, timeoutMs, signal, fetch });
      if (answer.status < 200 || answer.status > 299) throw errorFor(answer);
      return { providerMessageId: idOf(answer) };
    },
    reconcile: () => Promise.resolve({ found: 'repeatable' }),
  };
}

const bodyOf = ({ to, from, text, reference }: SmsRequest): string => JSON.stringify({ to, from, text, reference });

const Sent = z.object({ id: z.union([z.string().max(256), z.number().transform(String)]) });

/** 2xx says that it was taken; an id that can't be read doesn't change that. */
function idOf(answer: Answer): string {
  return Sent.safeParse(jsonOf(answer)).data?.id ?? '';
}

function errorFor({ status, headers }: Answer): SmsError {
  return new SmsError({
    kind: smsErrorKind(status),
    message: `the SMS gateway answered ${String(status)}`,
    httpStatus: status,
    retryAfterMs: retryAfterMs(headers),
  });
}
