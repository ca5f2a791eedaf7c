import { REQUEST_TIMEOUT } from '../domain/late.js';
import type { Fetch } from '../http/exchange.js';
import { createHttpSmsProvider } from '../sms/http-provider.js';
import { SmsError } from '../sms/sms-error.js';
import type { TestSms } from './test-sms.js';

/** One request, as the worker reads its answer. */
export type Attempt =
  | { readonly accepted: true; /** Empty if it is not usable. */ readonly id: string }
  | { readonly accepted: false; readonly error: SmsError };

interface AskOptions {
  /** Default: the right one. */
  readonly token?: string;
  /** Cuts the connection. */
  readonly cut?: AbortSignal;
}

/** The gateway under test. Each call makes one request, with the worker's own code. */
export interface Gateway {
  readonly ask: (sms: TestSms, options?: AskOptions) => Promise<Attempt>;
  /** How long the slowest answer took, without those that were cut off. Milliseconds. */
  readonly slowest: () => number;
}

export interface GatewayOptions {
  readonly url: string;
  readonly token: string;
  readonly fetch: Fetch;
  /** Default: the worker's. Milliseconds. */
  readonly timeoutMs?: number | undefined;
  readonly signal: AbortSignal;
}

export function createGateway({ url, token, fetch, timeoutMs = REQUEST_TIMEOUT, signal }: GatewayOptions): Gateway {
  const providerWith = (used: string) => createHttpSmsProvider({ url, token: used, fetch });
  let slowest = 0;

  async function attempt(sms: TestSms, { token: used = token, cut }: AskOptions): Promise<Attempt> {
    const { to, from, text, key, validitySeconds } = sms;
    const request = { to, text, validitySeconds, reference: key, idempotencyKey: key, timeoutMs };
    const stop = cut === undefined ? signal : AbortSignal.any([signal, cut]);
    try {
      const sent = await providerWith(used).send({ ...request, ...(from !== undefined && { from }) }, stop);
      return { accepted: true, id: sent.providerMessageId };
    } catch (error) {
      if (!(error instanceof SmsError)) throw error;
      return { accepted: false, error };
    }
  }

  return {
    slowest: () => slowest,
    async ask(sms, options = {}) {
      const began = performance.now();
      const answer = await attempt(sms, options);
      // A Ctrl-C is no answer of the gateway.
      signal.throwIfAborted();
      if (options.cut?.aborted !== true) slowest = Math.max(slowest, performance.now() - began);
      return answer;
    },
  };
}

/** What the gateway answered, in a few words: `401`, `no answer in time`, `2xx`. */
export function inWords(attempt: Attempt): string {
  if (attempt.accepted) return '2xx';
  const { httpStatus, reason, message } = attempt.error;
  if (httpStatus === undefined) return message.replace(/^the SMS gateway /, '');
  return reason === undefined ? String(httpStatus) : `${String(httpStatus)}, taken as ${reason}`;
}

/** Too many requests: the gateway has looked at nothing yet. */
export const isThrottled = (attempt: Attempt): boolean => !attempt.accepted && attempt.error.reason === 'throttled';

/** After such an answer the worker requests the SMS again. */
export const isOpen = (attempt: Attempt): boolean =>
  isThrottled(attempt) || (!attempt.accepted && attempt.error.kind === 'unanswered');
