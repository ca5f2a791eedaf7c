import { DefaultLogger, Runtime } from '@temporalio/worker';

let isQuiet = false;

/**
 * Lets Temporal log errors only. These tests make activities fail on purpose, and the warnings about that would hide what
 * matters. The setting is the process's and outlives its workers, so only the first call installs it.
 */
export function quietTemporal(): void {
  if (!isQuiet) Runtime.install({ logger: new DefaultLogger('ERROR') });
  isQuiet = true;
}
