import { once } from 'node:events';
import { startedByNpx } from '../config/started-by-npx.js';

const PARENT_CHECK_MS = 500;

/**
 * Aborts on the first SIGTERM or SIGINT. The second one ends the process at once, as Node does by default. Under npx it
 * also aborts when the parent process is gone: npx sends SIGTERM to a shell between itself and this process, and that
 * shell stops without passing it on.
 */
export function shutdownSignal(): AbortSignal {
  const controller = new AbortController();
  let parentCheck: NodeJS.Timeout | undefined;
  const stop = (): void => {
    clearInterval(parentCheck);
    process.off('SIGTERM', stop).off('SIGINT', stop);
    controller.abort();
  };
  if (startedByNpx()) parentCheck = whenParentIsGone(stop);
  process.on('SIGTERM', stop).on('SIGINT', stop);
  return controller.signal;
}

function whenParentIsGone(act: () => void): NodeJS.Timeout {
  const parent = process.ppid;
  return setInterval(() => {
    if (process.ppid !== parent) act();
  }, PARENT_CHECK_MS).unref();
}

/** Resolves when `signal` aborts. */
export async function untilAborted(signal: AbortSignal): Promise<void> {
  if (!signal.aborted) await once(signal, 'abort');
}
