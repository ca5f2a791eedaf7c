import { SmsError, type SmsProvider } from 'rcs-message-delivery/activities';

export interface AcmeOptions {
  readonly url: string;
  readonly token: string;
}

/**
 * An SMS gateway of your own. Makes one request per call and never retries, since Temporal does. The error's reason decides
 * what follows: it is final, another provider is asked, or, for `kind: 'unanswered'`, the SMS may have been sent.
 */
export function createAcmeSmsProvider({ url, token }: AcmeOptions): SmsProvider {
  return {
    name: 'acme',
    // The gateway honours the idempotency key: a retry sends no second SMS.
    repeatable: true,
    send: async ({ to, text, validitySeconds, reference, idempotencyKey, timeoutMs }, signal) => {
      const timeout = AbortSignal.timeout(timeoutMs);
      const answer = await fetch(url, {
        method: 'POST',
        headers: {
          authorization: `Bearer ${token}`,
          'content-type': 'application/json',
          'idempotency-key': idempotencyKey,
        },
        // The gateway returns `reference` in its receipts (../embed-webhook/acme-receipts.ts). It identifies the delivery.
        // It drops an SMS that it can't deliver within its validity.
        body: JSON.stringify({ to, text, reference, validitySeconds }),
        signal: signal ? AbortSignal.any([signal, timeout]) : timeout,
      }).catch(() => {
        throw new SmsError({ kind: 'unanswered', message: 'Acme did not answer' });
      });
      if (!answer.ok) throw refusal(answer.status);
      // The gateway has accepted the SMS, whether or not its id can be read.
      const { id } = (await answer.json().catch(() => ({ id: '' }))) as { id: string };
      return { providerMessageId: id };
    },
    reconcile: () => Promise.resolve({ found: 'repeatable' }),
  };
}

/** Puts no number, text or token into a message, since Temporal's history keeps it. */
function refusal(httpStatus: number): SmsError {
  const message = `Acme answered ${String(httpStatus)}`;
  if (httpStatus >= 500) return new SmsError({ kind: 'unanswered', message, httpStatus });
  if (httpStatus === 429) return new SmsError({ reason: 'throttled', message, httpStatus });
  // A wrong key, or a wrong address: another provider does not have that fault.
  const ofTheAccount = [401, 403, 404].includes(httpStatus);
  return new SmsError({ reason: ofTheAccount ? 'account' : 'recipient', message, httpStatus });
}
