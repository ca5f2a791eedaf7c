import type { WorkflowHandle } from '@temporalio/client';
import { Worker, type ReplayWorkerOptions } from '@temporalio/worker';
import { workflowIdFor, type DeliveryId } from '../../src/contract/ids.js';

export type History = Awaited<ReturnType<WorkflowHandle['fetchHistory']>>;

/**
 * A worker that replays deliveries one after another, also those that it gets at the same time. A worker for each history
 * would cost more than the replay. And one that stops while another starts can take the SDK's runtime from it.
 */
export interface Replayer {
  /** Throws if the code does not fit the history. */
  replay(history: History): Promise<void>;
  close(): Promise<void>;
}

export function createReplayer(options: ReplayWorkerOptions): Replayer {
  let next: { readonly history: History; readonly workflowId: string } | undefined;
  let last: Promise<void> = Promise.resolve();
  function* histories() {
    while (next !== undefined) yield next;
  }
  const results = Worker.runReplayHistories(options, histories());
  const replay = async (history: History) => {
    next = { history, workflowId: workflowIdOf(history) };
    const result = await results.next();
    if (result.done === true) throw new Error('the replay worker has stopped');
    if (result.value.error !== undefined) throw result.value.error;
  };
  return {
    replay(history) {
      const replayed = last.then(() => replay(history));
      last = replayed.catch(() => {});
      return replayed;
    },
    async close() {
      await results.return?.();
    },
  };
}

/** A real server writes it into the first event. The time-skipping test server does not, and only has deliveries. */
function workflowIdOf({ events }: History): string {
  const { workflowId, input } = events?.[0]?.workflowExecutionStartedEventAttributes ?? {};
  if (workflowId !== null && workflowId !== undefined && workflowId !== '') return workflowId;
  const [payload] = input?.payloads ?? [];
  return workflowIdFor(JSON.parse(Buffer.from(payload?.data ?? []).toString()) as DeliveryId);
}
