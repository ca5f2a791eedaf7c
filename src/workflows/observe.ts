import type { CancellationScope } from '@temporalio/workflow';
import type { Finding } from '../domain/evidence.js';
import type { Clock } from './clock.js';
import type { Journal } from './journal.js';

/** Runs an activity in `scope`, and learns how it ended. Does not wait for that. */
export type Observe = <T>(
  scope: CancellationScope,
  run: () => Promise<T>,
  answered: (result: T) => Finding,
  failed: (error: unknown) => Finding,
) => void;

export function createObserve(journal: Journal, clock: Clock): Observe {
  return (scope, run, answered, failed) => {
    void scope
      .run(run)
      .then(answered, failed)
      .then((finding) => {
        clock.eventCame();
        journal.learn(finding);
      });
  };
}
