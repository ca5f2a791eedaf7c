/** `within` gave up waiting. */
export class TookTooLongError extends Error {
  override readonly name = 'TookTooLongError';
}

/**
 * Settles as `promise` does. Rejects with a TookTooLongError after `ms` milliseconds, and with an AbortError on abort.
 * The promise itself continues, since others may be waiting for it.
 */
export async function within<T>(promise: Promise<T>, ms: number, signal?: AbortSignal): Promise<T> {
  let stop = (): void => undefined;
  const end = new Promise<never>((_, reject) => {
    const timer = setTimeout(() => {
      reject(new TookTooLongError('took too long'));
    }, ms);
    const onAbort = (): void => {
      reject(new DOMException('cancelled', 'AbortError'));
    };
    signal?.addEventListener('abort', onAbort, { once: true });
    if (signal?.aborted === true) onAbort();
    stop = () => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', onAbort);
    };
  });
  try {
    return await Promise.race([promise, end]);
  } finally {
    stop();
    promise.catch(() => undefined); // a late rejection must not count as unhandled
  }
}
