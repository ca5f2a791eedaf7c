import { exchange, NoAnswerError, type Answer, type ExchangeRequest } from '../http/exchange.js';
import { SmsError, type SmsErrorKind } from './sms-provider.js';

/** Makes one HTTP request to a gateway. Throws an SmsError when no status came back. */
export async function smsExchange(request: ExchangeRequest): Promise<Answer> {
  try {
    return await exchange(request);
  } catch (error) {
    if (!(error instanceof NoAnswerError)) throw error;
    if (error.reached) {
      throw new SmsError({ kind: 'unanswered', message: `the SMS gateway gave no answer: ${error.message}` });
    }
    throw new SmsError({ kind: 'notSent', message: `the SMS gateway was not reached: ${error.message}` });
  }
}

/**
 * Statuses of a temporary failure: the SMS was not sent. 401, 402, 403 and 407 are faults of the configuration or the
 * account. 425 and 429 mean "later".
 */
const NOT_SENT = new Set([401, 402, 403, 407, 425, 429]);
/** 408: the gateway gave up on a request that it had begun to read. 409: it is processing this idempotency key. */
const IN_DOUBT = new Set([408, 409]);

/**
 * What a status other than 2xx means for the SMS, unless the gateway has more precise codes. A redirect is not
 * followed.
 */
export function smsErrorKind(httpStatus: number): SmsErrorKind {
  if (httpStatus >= 500 || IN_DOUBT.has(httpStatus)) return 'unanswered';
  return httpStatus < 400 || NOT_SENT.has(httpStatus) ? 'notSent' : 'refused';
}
