import { startedByNpx } from '../config/started-by-npx.js';

const PARENT_CHECK_MS = 500;

/**
 * Aborts on the first SIGTERM or SIGINT; a second one ends the process at once, as it does by default. Under npx also when
 * the parent is gone: npx hands SIGTERM to a shell between itself and us, which dies of it without a word to us.
 */
export function shutdownSignal(): AbortSignal {
  const controller = new AbortController();
  let watch: NodeJS.Timeout | undefined;
  const stop = (): void => {
    clearInterval(watch);
    process.off('SIGTERM', stop).off('SIGINT', stop);
    controller.abort();
  };
  if (startedByNpx()) watch = whenParentIsGone(stop);
  process.on('SIGTERM', stop).on('SIGINT', stop);
  return controller.signal;
}

function whenParentIsGone(act: () => void): NodeJS.Timeout {
  const parent = process.ppid;
  return setInterval(() => {
    if (process.ppid !== parent) act();
  }, PARENT_CHECK_MS).unref();
}
