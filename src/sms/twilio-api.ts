import type { RequestClient, Twilio } from 'twilio';
import { z } from 'zod';
import { jsonOf, type Answer, type Fetch } from '../http/exchange.js';
import { retryAfterMs } from '../http/retry-after.js';
import { SmsError } from './sms-error.js';
import { smsExchange } from './sms-exchange.js';
import { twilioCause } from './twilio-codes.js';

export interface TwilioApiOptions {
  readonly accountSid: string;
  /** An API key, which can be revoked on its own. Used instead of the auth token if both are given. */
  readonly apiKey?: { readonly sid: string; readonly secret: string } | undefined;
  readonly authToken?: string | undefined;
  /** A base URL that speaks Twilio's protocol. Default: https://api.twilio.com. */
  readonly apiUrl?: string | undefined;
  readonly fetch?: Fetch | undefined;
}

/** Returns a client of Twilio's library for one call, with that call's limits. The library has no limits per call. */
export type TwilioApi = (call: { readonly timeoutMs: number; readonly signal: AbortSignal | undefined }) => Twilio;

/**
 * Loads Twilio's library (20 MB of memory, a quarter of a second) and replaces its HTTP client with `smsExchange`,
 * which never retries. The library documents this extension point. Calls throw an SmsError. Throws a TypeError without
 * credentials.
 */
export async function createTwilioApi(options: TwilioApiOptions): Promise<TwilioApi> {
  const { default: twilio } = await import('twilio');
  const { apiKey, authToken, apiUrl, fetch } = options;
  const accountSid = options.accountSid.trim();
  const key = apiKey ?? (authToken === undefined ? undefined : { sid: accountSid, secret: authToken });
  if (key === undefined) throw new TypeError('Twilio needs an API key or the auth token');

  class OneRequest extends twilio.RequestClient {
    constructor(private readonly call: Parameters<TwilioApi>[0]) {
      super();
    }

    override async request<Data>(request: TwilioRequest): Promise<TwilioResponse<Data>> {
      const { username = '', password = '', headers, method, uri, params, data } = request;
      const answer = await smsExchange({
        ...this.call,
        fetch,
        method: method === 'post' ? 'POST' : 'GET',
        url: `${moved(uri, apiUrl)}${params === undefined ? '' : `?${form(params)}`}`,
        body: data === undefined ? undefined : form(data),
        headers: {
          ...headers,
          authorization: `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`,
        },
      });
      if (answer.status < 200 || answer.status > 299) throw errorFor(answer);
      return { statusCode: answer.status, body: (jsonOf(answer) ?? {}) as Data, headers: {} };
    }
  }

  return (call) => twilio(key.sid.trim(), key.secret.trim(), { accountSid, httpClient: new OneRequest(call) });
}

type TwilioRequest = Parameters<RequestClient['request']>[0];
interface TwilioResponse<Data> {
  readonly statusCode: number;
  readonly body: Data;
  readonly headers: Readonly<Record<string, string>>;
}

function moved(uri: string, apiUrl: string | undefined): string {
  if (apiUrl === undefined) return uri;
  const { pathname, search } = new URL(uri);
  return `${apiUrl.replace(/\/+$/, '')}${pathname}${search}`;
}

/** Twilio's form encoding: a list repeats its key. */
function form(fields: unknown): string {
  const pairs = new URLSearchParams();
  for (const [key, value] of Object.entries(fields as Record<string, unknown>)) {
    for (const one of Array.isArray(value) ? value : [value]) if (one !== undefined) pairs.append(key, String(one));
  }
  return pairs.toString();
}

const TwilioFault = z.object({ code: z.number().int().positive() });

function errorFor(answer: Answer): SmsError {
  const { status: httpStatus, headers } = answer;
  const code = TwilioFault.safeParse(jsonOf(answer)).data?.code;
  return new SmsError({
    ...twilioCause(httpStatus, code),
    message: `Twilio answered ${String(httpStatus)}${code === undefined ? '' : ` (error ${String(code)})`}`,
    httpStatus,
    code: code === undefined ? undefined : String(code),
    retryAfterMs: retryAfterMs(headers),
  });
}
