import { exchange, NoAnswerError, type Fetch } from '../http/exchange.js';
import { retryAfterMs } from '../http/retry-after.js';
import { signStandardWebhook } from '../http/standard-webhooks.js';
import { NotifyError } from './notify-error.js';

export interface NotifierOptions {
  /**
   * NOTIFY_SECRET: the secrets of each origin that may be called, such as `https://hooks.example.com`, as `whsec_` +
   * base64. Each of them signs, so that the receiver can be changed before or after the worker.
   */
  readonly secrets: Readonly<Record<string, readonly string[]>>;
  readonly fetch?: Fetch;
}

export interface NotifyRequest {
  readonly url: string;
  /** The `webhook-id`: the same on every attempt. */
  readonly id: string;
  /** JSON text. */
  readonly body: string;
  readonly timeoutMs: number;
}

/** Makes one signed POST (Standard Webhooks 1.0), without a retry. Throws a {@link NotifyError} unless the answer is 2xx. */
export interface Notifier {
  notify(request: NotifyRequest, signal?: AbortSignal): Promise<void>;
}

export function createNotifier({ secrets, fetch }: NotifierOptions): Notifier {
  return {
    async notify({ url, id, body, timeoutMs }, signal) {
      const origin = URL.canParse(url) ? new URL(url).origin : '';
      const itsSecrets = Object.hasOwn(secrets, origin) ? (secrets[origin] ?? []) : [];
      if (itsSecrets.length === 0) {
        throw new NotifyError({ kind: 'refused', message: "the notify.url's host is not one of NOTIFY_ALLOWED_HOSTS" });
      }
      const headers = { 'content-type': 'application/json', ...signatures(itsSecrets, id, body) };
      const request = { url, method: 'POST', headers, body, timeoutMs, signal, fetch } as const;
      const answer = await exchange(request).catch((error: unknown) => {
        if (!(error instanceof NoAnswerError)) throw error;
        throw new NotifyError({ kind: 'failed', message: `no answer: ${error.message}` });
      });
      const { status } = answer;
      if (status >= 200 && status <= 299) return;
      throw new NotifyError({
        // Standard Webhooks: 410 means that the endpoint is gone. Anything else may recover, so Temporal retries.
        kind: status === 410 ? 'refused' : 'failed',
        message: `the notify.url answered ${String(status)}`,
        httpStatus: status,
        retryAfterMs: retryAfterMs(answer.headers),
      });
    },
  };
}

/** Signs with every secret, which is how Standard Webhooks rotates them: the signatures are separated by spaces. */
function signatures(secrets: readonly string[], id: string, body: string): Record<string, string> {
  const timestamp = Date.now();
  const signed = secrets.map((secret) => signStandardWebhook({ secret, id, body, timestamp }));
  return { ...signed[0], 'webhook-signature': signed.map((headers) => headers['webhook-signature']).join(' ') };
}
