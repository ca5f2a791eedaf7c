import { createHmac, randomBytes } from 'node:crypto';
import type { Clock } from './clock.js';
import type { EventBody } from './rbm-events.js';
import type { RetryPolicy } from './retrying-poster.js';
import { createRetryingPoster, post } from './retrying-poster.js';
import { envelope, webhookType } from './webhook-envelope.js';

/** Faults of the event channel, drawn per event from a seeded generator. Probabilities are between 0 and 1. */
export interface WebhookFaults {
  readonly seed?: number;
  readonly duplicate?: number;
  readonly drop?: number;
  /** The longest time to hold back an event. Also reorders events. */
  readonly delayUpToMs?: number;
}

/** One attempt to post an event. `status` is absent without an answer in time. */
export interface WebhookAttempt {
  readonly at: number;
  readonly status?: number;
  readonly eventType?: string;
  readonly messageId?: string;
}

/** Posts an event. `onAccepted` is called when the webhook first answers 200 to it. */
export type PostEvent = (event: EventBody, onAccepted?: () => void) => void;

/** Posts events as RBM "Webhooks" says: signed, at least once, from one queue. Any answer but 200 is a failure. */
export interface WebhookSender {
  readonly post: PostEvent;
  /** Makes RBM's handshake. True if the webhook answers 200 with the bare secret. */
  readonly verify: () => Promise<boolean>;
  readonly setUrl: (url: string) => void;
  readonly log: readonly WebhookAttempt[];
  readonly idle: () => Promise<void>;
  readonly stop: () => Promise<void>;
}

export interface WebhookSenderDeps {
  readonly clock: Clock;
  readonly clientToken: string;
  readonly url?: string;
  readonly retry: RetryPolicy;
  readonly timeoutMs: number;
  readonly timeScale: number;
  readonly concurrency: number;
  readonly faults: WebhookFaults;
}

interface Envelope {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly eventType?: string;
  readonly messageId?: string;
  readonly onAccepted?: (() => void) | undefined;
}

/** X-Goog-Signature: base64 of the HMAC-SHA512 of the decoded bytes, keyed by the clientToken. */
export const signRbm = (clientToken: string, data: Uint8Array): string =>
  createHmac('sha512', clientToken).update(data).digest('base64');

export function createWebhookSender(deps: WebhookSenderDeps): WebhookSender {
  const { clock, clientToken, timeoutMs, faults } = deps;
  let url = deps.url;
  const log: WebhookAttempt[] = [];
  const random = createRandom(faults.seed ?? 1);
  let count = 0;

  const poster = createRetryingPoster<Envelope>({
    ...deps,
    oneQueue: true,
    isReady: () => url !== undefined,
    async attempt({ headers, body, eventType, messageId, onAccepted }, signal) {
      const at = clock.now();
      const status = url === undefined ? undefined : await post({ url, headers, body }, timeoutMs, signal);
      log.push({
        at,
        ...(status === undefined ? {} : { status }),
        ...(eventType === undefined ? {} : { eventType }),
        ...(messageId === undefined ? {} : { messageId }),
      });
      if (status === 200) onAccepted?.();
      return status === 200;
    },
  });

  function wrap(event: EventBody, onAccepted: (() => void) | undefined): Envelope {
    count += 1;
    const data = Buffer.from(JSON.stringify(event, null, count % 2 === 0 ? 2 : 0));
    const { eventType, messageId } = event;
    return {
      headers: {
        'content-type': 'application/json',
        'x-goog-signature': signRbm(clientToken, data),
        'x-goog-webhook-type': webhookType(event),
      },
      body: JSON.stringify(envelope(event, data, clock.now())),
      onAccepted,
      ...(typeof eventType === 'string' ? { eventType } : {}),
      ...(typeof messageId === 'string' ? { messageId } : {}),
    };
  }

  return {
    post(event, onAccepted) {
      const { drop = 0, duplicate = 0, delayUpToMs = 0 } = faults;
      const copies = random() < drop ? 0 : random() < duplicate ? 2 : 1;
      const wrapped = wrap(event, onAccepted);
      for (let copy = 0; copy < copies; copy += 1) {
        const delay = random() * delayUpToMs * deps.timeScale;
        if (delay === 0) poster.push(wrapped);
        else
          clock.setTimer(delay, () => {
            poster.push(wrapped);
          });
      }
    },
    async verify() {
      if (url === undefined) return false;
      const secret = randomBytes(16).toString('hex');
      const answer = await fetch(url, {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'x-goog-webhook-type': 'verification' },
        body: JSON.stringify({ clientToken, secret }),
        signal: AbortSignal.timeout(timeoutMs),
      });
      return (await answer.text()) === secret && answer.status === 200;
    },
    setUrl(next) {
      url = next;
      poster.wake();
    },
    log,
    idle: poster.idle,
    stop: poster.stop,
  };
}

/** Numbers in [0, 1) from mulberry32: the same seed gives the same faults. */
function createRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
