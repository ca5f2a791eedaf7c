/** Those who wait, in the order in which they came. */
export interface WaitingList {
  /** Resolves when it is this one's turn, or after `limitMs`. Rejects with the signal's reason if that aborts before. */
  wait(signal: AbortSignal, limitMs?: number): Promise<void>;
  /** False if nobody waits. */
  letOneGo(): boolean;
}

export function createWaitingList(): WaitingList {
  const waiting = new Set<() => void>();
  return {
    wait: (signal, limitMs) =>
      new Promise((resolve, reject) => {
        const leave = () => {
          clearTimeout(timer);
          waiting.delete(go);
          signal.removeEventListener('abort', giveUp);
        };
        const go = () => {
          leave();
          resolve();
        };
        const giveUp = () => {
          leave();
          // The SDK expects just this error.
          reject(signal.reason as Error);
        };
        const timer = limitMs === undefined ? undefined : setTimeout(go, limitMs);
        waiting.add(go);
        signal.addEventListener('abort', giveUp);
        if (signal.aborted) giveUp();
      }),
    letOneGo() {
      const [next] = waiting;
      next?.();
      return next !== undefined;
    },
  };
}
