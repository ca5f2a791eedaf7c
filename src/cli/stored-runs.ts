import { PayloadDecryptionError } from '../encryption/payload-decryption-error.js';
import { listExecutions } from '../temporal/list-executions.js';
import { createPayloadReader } from '../temporal/payload-reader.js';
import { temporalError } from '../temporal/temporal-call.js';
import type { StoredRun } from '../worker/replay-histories.js';
import type { Access } from './client-access.js';
import { CommandFailedError, UsageError } from './errors.js';
import { grouped } from './format.js';
import { createProgress } from './printer.js';
import { randomSample } from './random-sample.js';
import { runOf, type Run } from './replay-runs.js';

export interface Choice {
  readonly query: string;
  readonly matched: number;
  readonly sample: number;
  readonly signal: AbortSignal;
}

/**
 * The runs to replay. A random choice needs the whole list first. Otherwise the list is read as fast as its histories are
 * replayed.
 */
export async function chosenRuns(
  access: Access,
  { query, matched, sample, signal }: Choice,
): Promise<Iterable<Run> | AsyncIterable<Run>> {
  const listed = listRuns(access, query, signal);
  if (matched <= sample) return listed;
  const progress = createProgress(matched, access.terminal.stderr);
  const onItem = (count: number) => {
    progress.update(count, `choosing ${grouped(sample)} at random`);
  };
  return randomSample(listed, { size: sample, onItem }).finally(progress.end);
}

const LIST_MS = 20_000;
const PAGE = 1_000;

/** Ends without an error on `signal`. */
async function* listRuns({ client }: Access, query: string, signal: AbortSignal): AsyncGenerator<Run, void, undefined> {
  try {
    const options = { query, timeoutMs: LIST_MS, pageSize: PAGE, signal };
    for await (const execution of listExecutions(client.workflow, options)) yield runOf(execution);
  } catch (error) {
    if (!signal.aborted) throw temporalError(error, { timeoutMs: LIST_MS, answeredBy: 'server' });
  }
}

/**
 * Fetches a history, or returns undefined for one that is deleted. Throws a UsageError if the keys to read it are missing:
 * without them every replay would fail.
 */
export function historyReader({ client, call }: Access): (run: Run) => Promise<StoredRun | undefined> {
  const reader = createPayloadReader(client.options.loadedDataConverter);
  const gone = new CommandFailedError('deleted');
  return async ({ workflowId, runId }) => {
    const handle = client.workflow.getHandle(workflowId, runId);
    try {
      const { events } = await call(
        () => handle.fetchHistory(),
        ({ status }) => (status === 'NOT_FOUND' ? gone : undefined),
      );
      await reader.value(events?.[0]?.workflowExecutionStartedEventAttributes?.input);
      return { workflowId, events: events ?? [] };
    } catch (error) {
      if (error === gone) return undefined;
      if (!(error instanceof PayloadDecryptionError)) throw error;
      throw new UsageError(`${error.message}: set PAYLOAD_ENCRYPTION_KEYS as for the workers`);
    }
  };
}
