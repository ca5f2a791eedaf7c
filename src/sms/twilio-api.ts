import type { RequestClient, Twilio } from 'twilio';
import { z } from 'zod';
import { jsonOf, type Answer, type Fetch } from '../http/exchange.js';
import { retryAfterMs } from '../http/retry-after.js';
import { smsErrorKind, smsExchange } from './sms-exchange.js';
import { SmsError, type SmsErrorKind } from './sms-provider.js';

export interface TwilioApiOptions {
  readonly accountSid: string;
  readonly authToken: string;
  readonly apiUrl?: string | undefined;
  readonly fetch?: Fetch | undefined;
}

/** Returns a client of Twilio's library for one call, with that call's limits. The library has no limits per call. */
export type TwilioApi = (call: { readonly timeoutMs: number; readonly signal: AbortSignal | undefined }) => Twilio;

/**
 * Loads Twilio's library (20 MB of memory, a quarter of a second) and replaces its HTTP client with `smsExchange`,
 * which never retries. The library documents this extension point. Calls throw an SmsError.
 */
export async function createTwilioApi(options: TwilioApiOptions): Promise<TwilioApi> {
  const { default: twilio } = await import('twilio');
  const { accountSid, authToken, apiUrl, fetch } = options;

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

  return (call) => twilio(accountSid, authToken, { httpClient: new OneRequest(call) });
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

/**
 * Codes of a fault that is temporary or that an operator can correct: 14107 and 20429 too many requests, 20003 and
 * 20005 credentials or account, 20404 no such account, 21611 the sender's queue is full, 21701 and 21703 to 21705 a
 * messaging service that is missing or has no sender, 63038 the account's daily limit.
 */
const TEMPORARY = new Set([14107, 20003, 20005, 20404, 20429, 21611, 21701, 21703, 21704, 21705, 63038]);

/**
 * What a Twilio error means for the SMS. Twilio advises against logic on single codes, since it keeps refining them.
 * So only a few are named. Any other 21xxx is about this message (no such number, opted out, no SMS to that region…).
 */
export function twilioErrorKind(httpStatus: number, code: number | undefined): SmsErrorKind {
  const byStatus = smsErrorKind(httpStatus);
  if (code === undefined || byStatus === 'unanswered' || httpStatus === 429) return byStatus;
  if (TEMPORARY.has(code)) return 'notSent';
  return code >= 21000 && code <= 21999 ? 'refused' : byStatus;
}

const TwilioFault = z.object({ code: z.number().int().positive() });

function errorFor(answer: Answer): SmsError {
  const { status: httpStatus, headers } = answer;
  const code = TwilioFault.safeParse(jsonOf(answer)).data?.code;
  return new SmsError({
    kind: twilioErrorKind(httpStatus, code),
    message: `Twilio answered ${String(httpStatus)}${code === undefined ? '' : ` (error ${String(code)})`}`,
    httpStatus,
    code: code === undefined ? undefined : String(code),
    retryAfterMs: retryAfterMs(headers),
  });
}
