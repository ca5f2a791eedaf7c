import type { StartInput } from '../../src/client/start-input.js';
import type { TestBed } from '../bed/test-bed.js';
import { holdsBy } from './until.js';

const ACCEPTED_WITHIN_MS = 20_000;

/**
 * Starts a delivery and waits until RBM has its message. Starts that don't wait are faster than the worker, and a message
 * that RBM gets too late is given up.
 */
export async function startAccepted({ start, fake }: TestBed, input: StartInput): Promise<void> {
  await start(input);
  const isAccepted = () => fake.firstAt('create', input.messageId) !== undefined;
  if (!(await holdsBy(Date.now() + ACCEPTED_WITHIN_MS, isAccepted))) throw new Error(TOO_SLOW);
}

const TOO_SLOW = 'This machine is too busy: RBM has not got a message within 20 s.';
