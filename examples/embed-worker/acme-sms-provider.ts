import { SmsError, type SmsProvider } from 'rcs-message-delivery/activities';

export interface AcmeOptions {
  readonly url: string;
  readonly token: string;
}

/**
 * An SMS gateway of your own. One request per call and never a retry: Temporal repeats. What matters is the error's kind:
 * `refused` is final, `notSent` surely was not sent, `unanswered` may have been.
 */
export function createAcmeSmsProvider({ url, token }: AcmeOptions): SmsProvider {
  return {
    name: 'acme',
    // The gateway honours the idempotency key: a repeat sends no second SMS.
    repeatable: true,
    send: async ({ to, text, reference, idempotencyKey, timeoutMs }, signal) => {
      const timeout = AbortSignal.timeout(timeoutMs);
      const answer = await fetch(url, {
        method: 'POST',
        headers: {
          authorization: `Bearer ${token}`,
          'content-type': 'application/json',
          'idempotency-key': idempotencyKey,
        },
        // The gateway gives `reference` back in its receipts: it leads to the delivery.
        body: JSON.stringify({ to, text, reference }),
        signal: signal ? AbortSignal.any([signal, timeout]) : timeout,
      }).catch(() => {
        throw new SmsError({ kind: 'unanswered', message: 'Acme did not answer' });
      });
      if (!answer.ok) throw refusal(answer.status);
      // It was taken, whether or not its id can be read.
      const { id } = (await answer.json().catch(() => ({ id: '' }))) as { id: string };
      return { providerMessageId: id };
    },
    reconcile: () => Promise.resolve({ found: 'repeatable' }),
  };
}

/** No number, text or token in a message: it stands in Temporal's history. */
function refusal(httpStatus: number): SmsError {
  const message = `Acme answered ${String(httpStatus)}`;
  if (httpStatus >= 500) return new SmsError({ kind: 'unanswered', message, httpStatus });
  const temporary = httpStatus === 429 || httpStatus === 401 || httpStatus === 403;
  return new SmsError({ kind: temporary ? 'notSent' : 'refused', message, httpStatus });
}
