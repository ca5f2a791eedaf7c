import { setTimeout as delay } from 'node:timers/promises';
import { ServiceError } from '@temporalio/client';
import { WAIT } from '../../support/wait.js';

/** Repeats a call that Temporal, on a machine that stood still, has not answered in its own time. */
export async function patiently<T>(call: () => Promise<T>): Promise<T> {
  const end = Date.now() + WAIT;
  for (;;) {
    try {
      return await call();
    } catch (error) {
      if (!(error instanceof ServiceError) || Date.now() > end) throw error;
      await delay(100);
    }
  }
}
