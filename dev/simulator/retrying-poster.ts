import type { Clock } from './clock.js';

/** One request to a webhook. */
interface Post {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** Sends once and follows no redirect. Returns the status, or undefined without an answer in time. Never throws. */
export async function post(request: Post, timeoutMs: number, signal: AbortSignal): Promise<number | undefined> {
  try {
    const answer = await fetch(request.url, {
      method: 'POST',
      headers: { 'user-agent': 'simulator', ...request.headers },
      body: request.body,
      redirect: 'manual',
      signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]),
    });
    await answer.arrayBuffer();
    return answer.status;
  } catch {
    return undefined;
  }
}

/** Exponential backoff, in milliseconds before the time scale. */
export interface RetryPolicy {
  readonly initialMs: number;
  readonly capMs: number;
  readonly giveUpAfterMs: number;
}

/** Posts items at least once, in order of arrival. */
export interface RetryingPoster<T> {
  readonly push: (item: T) => void;
  /** Sends what waits, because `isReady` may have changed. */
  readonly wake: () => void;
  /** Resolves when nothing is in flight or can be sent now. An item that waits for its retry does not count. */
  readonly idle: () => Promise<void>;
  /** Discards what waits, and aborts what is in flight. */
  readonly stop: () => Promise<void>;
}

export interface RetryingPosterDeps<T> {
  readonly clock: Clock;
  readonly retry: RetryPolicy;
  readonly timeScale: number;
  readonly concurrency: number;
  /** Whether a failing item holds up all others until its retry. */
  readonly oneQueue: boolean;
  readonly isReady: () => boolean;
  /** Makes one attempt. Resolves with true if the item was accepted. Must not throw. */
  readonly attempt: (item: T, signal: AbortSignal) => Promise<boolean>;
}

interface Entry<T> {
  readonly item: T;
  readonly since: number;
  tries: number;
}

export function createRetryingPoster<T>(deps: RetryingPosterDeps<T>): RetryingPoster<T> {
  const { clock, retry, timeScale, concurrency, oneQueue, isReady, attempt } = deps;
  const queue: Entry<T>[] = [];
  const inFlight = new Set<Promise<void>>();
  const waiting: (() => void)[] = [];
  const abort = new AbortController();
  let paused = false;

  const canSend = () => !abort.signal.aborted && !paused && isReady() && queue.length > 0;
  const backoff = (tries: number) => Math.min(retry.capMs, retry.initialMs * 2 ** (tries - 1)) * timeScale;

  function again(entry: Entry<T>) {
    if (abort.signal.aborted || clock.now() - entry.since > retry.giveUpAfterMs * timeScale) return;
    if (oneQueue) {
      queue.unshift(entry);
      if (paused) return;
      paused = true;
    }
    clock.setTimer(backoff(entry.tries), () => {
      if (oneQueue) paused = false;
      else queue.push(entry);
      pump();
    });
  }

  function pump() {
    while (canSend() && inFlight.size < concurrency) {
      const entry = queue.shift();
      if (entry === undefined) break;
      entry.tries += 1;
      const sending: Promise<void> = attempt(entry.item, abort.signal).then((accepted) => {
        inFlight.delete(sending);
        if (!accepted) again(entry);
        pump();
      });
      inFlight.add(sending);
    }
    if (inFlight.size === 0 && !canSend()) for (const resolve of waiting.splice(0)) resolve();
  }

  return {
    push(item) {
      queue.push({ item, since: clock.now(), tries: 0 });
      pump();
    },
    wake: pump,
    idle: () =>
      new Promise((resolve) => {
        waiting.push(resolve);
        pump();
      }),
    async stop() {
      abort.abort();
      queue.length = 0;
      await Promise.all(inFlight);
      pump();
    },
  };
}
