import { once } from 'node:events';
import { startedByNpx } from '../config/started-by-npx.js';

const PARENT_CHECK_MS = 500;
const SIGNALS = ['SIGTERM', 'SIGINT', 'SIGHUP'] as const;

/**
 * Aborts on the first SIGTERM, SIGINT or SIGHUP, which a closed terminal sends. The second one ends the process at once, as
 * Node does by default. Under npx it also aborts when the parent process is gone: npx sends SIGTERM to a shell between
 * itself and this process, and that shell stops without passing it on.
 */
export function shutdownSignal(): AbortSignal {
  const controller = new AbortController();
  let parentCheck: NodeJS.Timeout | undefined;
  const stop = (): void => {
    clearInterval(parentCheck);
    for (const name of SIGNALS) process.off(name, stop);
    controller.abort();
  };
  if (startedByNpx()) parentCheck = whenParentIsGone(stop);
  for (const name of SIGNALS) process.on(name, stop);
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
