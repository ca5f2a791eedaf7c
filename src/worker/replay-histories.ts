import type { DataConverter } from '@temporalio/common';
import { DefaultLogger, Runtime, Worker, type ReplayResult } from '@temporalio/worker';
import { TookTooLongError, within } from '../http/within.js';
import { divergenceOf, type Divergence, type HistoryEvent } from './divergence.js';
import { replayOptions } from './workflow-code.js';

export interface StoredRun {
  readonly workflowId: string;
  readonly events: readonly HistoryEvent[];
}

export type Replay =
  | { readonly outcome: 'replayed' | 'notBegun' }
  | ({ readonly outcome: 'diverged' } & { readonly divergence: Divergence });

/** Replays histories one after another. A worker for each would cost more than the replay. */
export interface Replayer {
  /** `notBegun`: no worker has completed a workflow task yet, so there is nothing to replay. */
  replay(run: StoredRun): Promise<Replay>;
  close(): Promise<void>;
}

export interface ReplayerOptions {
  /** The one with which the histories were written. Undefined: Temporal's own. */
  readonly dataConverter: DataConverter | undefined;
  /** Milliseconds for one replay. Default 60 000. */
  readonly limitMs?: number;
}

/** Replays on the workflow code of this build: the same bundle that its worker runs. Logs nothing. */
export function createReplayer({ dataConverter, limitMs = 60_000 }: ReplayerOptions): Replayer {
  silenceTemporal();
  let next: StoredRun | undefined;
  function* pending() {
    while (next !== undefined) yield { workflowId: next.workflowId, history: { events: [...next.events] } };
  }
  const start = () => Worker.runReplayHistories(replayOptions(dataConverter), pending());
  let results = start();
  return {
    async replay(run) {
      // The SDK waits forever for the first task of a history that has none.
      if (!run.events.some(isCompletedTask)) return { outcome: 'notBegun' };
      next = run;
      const error = await errorOf(results, limitMs);
      if (error === undefined) return { outcome: 'replayed' };
      if (error instanceof TookTooLongError) results = start();
      return { outcome: 'diverged', divergence: divergenceOf(error, run.events) };
    },
    async close() {
      next = undefined;
      await results.return?.();
    },
  };
}

type Results = AsyncIterator<ReplayResult>;

async function errorOf(results: Results, limitMs: number): Promise<Error | undefined> {
  try {
    const result = await within(results.next(), limitMs);
    if (result.done === true) throw new Error('the replay worker has stopped');
    return result.value.error;
  } catch (error) {
    if (error instanceof TookTooLongError) return error;
    throw error;
  }
}

const isCompletedTask = ({ workflowTaskCompletedEventAttributes: completed }: HistoryEvent): boolean =>
  completed !== null && completed !== undefined;

/** The result says what matters. The setting is the process's, so another part of it may have made it before. */
function silenceTemporal(): void {
  try {
    Runtime.install({
      logger: new DefaultLogger('ERROR', () => undefined),
      shutdownSignals: [],
      telemetryOptions: { logging: { forward: {}, filter: { core: 'ERROR', other: 'ERROR' } } },
    });
  } catch (error) {
    if (!(error instanceof Error && error.name === 'IllegalStateError')) throw error;
  }
}
