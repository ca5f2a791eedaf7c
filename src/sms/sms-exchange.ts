import { exchange, NoAnswerError, type Answer, type ExchangeRequest } from '../http/exchange.js';
import { SmsError, type SmsErrorCause } from './sms-error.js';

/** Makes one HTTP request to a gateway. Throws an SmsError when no status came back. */
export async function smsExchange(request: ExchangeRequest): Promise<Answer> {
  try {
    return await exchange(request);
  } catch (error) {
    if (!(error instanceof NoAnswerError)) throw error;
    if (error.reached) {
      throw new SmsError({ kind: 'unanswered', message: `the SMS gateway gave no answer: ${error.message}` });
    }
    throw new SmsError({ reason: 'unreachable', message: `the SMS gateway was not reached: ${error.message}` });
  }
}

/**
 * Statuses that are not about this SMS. 404, 405 and 410 are about the URL: it is wrong, or the gateway has removed it.
 * 425 and 429 mean "later".
 */
const REASONS: Readonly<Record<number, 'account' | 'throttled'>> = {
  401: 'account',
  402: 'account',
  403: 'account',
  404: 'account',
  405: 'account',
  407: 'account',
  410: 'account',
  425: 'throttled',
  429: 'throttled',
};

/**
 * 303: the gateway has acted, and says where to read the result. 408: it gave up on a request that it had begun to read.
 * 409: it is processing this idempotency key.
 */
const IN_DOUBT = new Set([303, 408, 409]);

/** Whether an answer other than 2xx leaves it open if the SMS was accepted, whatever its body says. */
export const isInDoubt = (httpStatus: number): boolean => httpStatus >= 500 || IN_DOUBT.has(httpStatus);

/**
 * What a status other than 2xx means for the SMS, unless the gateway says it more precisely. Any other redirect is not
 * followed: the gateway's address is wrong, which is a fault of the configuration.
 */
export function causeOf(httpStatus: number): SmsErrorCause {
  if (isInDoubt(httpStatus)) return { kind: 'unanswered' };
  return { reason: REASONS[httpStatus] ?? (httpStatus < 400 ? 'account' : 'recipient') };
}
