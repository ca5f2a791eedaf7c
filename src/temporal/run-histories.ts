import type { Client } from '@temporalio/client';
import type { temporal } from '@temporalio/proto';
import { RunHistoryError, type RunEvent, type RunHistories, type RunId } from '../activities/run-histories.js';
import { isEncrypted } from '../encryption/payloads/encrypted-payload.js';
import { withDeadline } from './deadline.js';
import { GrpcStatus, grpcStatusOf } from './grpc-status.js';
import { createPayloadReader } from './payload-reader.js';
import { millisecondsOf, readEvent } from './run-events.js';
import { checkClient } from './sdk-version.js';
import { signalFates } from './signal-fates.js';

type HistoryEvent = temporal.api.history.v1.IHistoryEvent;

export interface RunHistoriesOptions {
  /** Its data converter decodes the histories, so it must be the workers'. */
  readonly client: Client;
  /** Milliseconds for one call. Default 5 000. */
  readonly timeoutMs?: number;
  /** As for `createDeliveryWorker`. Default false. */
  readonly encryptionRequired?: boolean | undefined;
}

/**
 * Reads histories from Temporal, without the signals that a run could not use. A worker's Client may share the worker's
 * NativeConnection.
 */
export function createRunHistories({
  client,
  timeoutMs = 5_000,
  encryptionRequired = false,
}: RunHistoriesOptions): RunHistories {
  checkClient(client, 'Client');
  const { namespace, loadedDataConverter } = client.options;
  const reader = createPayloadReader(loadedDataConverter);

  async function call<T>(what: string, request: () => Promise<T>): Promise<T> {
    try {
      return await withDeadline(client, { timeoutMs, extraMs: 500 }, request);
    } catch (error) {
      throw problemOf(error, what);
    }
  }

  /** Whether a worker like this one would use a signal that nobody has decided on. */
  async function isUsable({ workflowExecutionSignaledEventAttributes: signal }: HistoryEvent): Promise<boolean> {
    const [payload] = signal?.input?.payloads ?? [];
    if (payload === undefined) return true;
    if (!isEncrypted(payload)) return !encryptionRequired;
    return reader.received(signal?.input).then(
      () => true,
      () => false,
    );
  }

  return {
    async runIds(workflowId) {
      const query = `WorkflowId = '${workflowId.replaceAll("'", "''")}'`;
      return pages(async (nextPageToken) => {
        const page = await call('the list of the runs', () =>
          client.workflowService.listWorkflowExecutions({ namespace, query, nextPageToken }),
        );
        return [page.executions.flatMap(({ execution }) => execution?.runId ?? []), page.nextPageToken];
      });
    },
    async read(run) {
      const execution = { workflowId: run.workflowId, runId: run.runId };
      const events = await pages(async (nextPageToken) => {
        const page = await call(`the history of the run ${run.runId}`, () =>
          client.workflowService.getWorkflowExecutionHistory({ namespace, execution, nextPageToken }),
        );
        return [page.history?.events ?? [], page.nextPageToken];
      });
      const fates = signalFates(events);
      const read: RunEvent[] = [];
      for (const event of events) {
        const fate = fates.get(event);
        if (fate === 'setAside' || (fate === 'unseen' && !(await isUsable(event)))) continue;
        read.push(...[await decoded(run, () => readEvent(event, reader))].flatMap(present));
      }
      return read;
    },
    async latestEvents({ workflowId, runId }) {
      const page = await call(`the latest events of the run ${runId}`, () =>
        client.workflowService.getWorkflowExecutionHistoryReverse({
          namespace,
          execution: { workflowId, runId },
          maximumPageSize: LATEST_EVENTS,
        }),
      );
      return (page.history?.events ?? []).map(({ eventTime, activityTaskStartedEventAttributes: started }) => ({
        time: millisecondsOf(eventTime),
        isActivityStart: started !== null && started !== undefined,
      }));
    },
  };
}

/** Most deliveries have fewer events in all. */
const LATEST_EVENTS = 50;

type PageToken = Uint8Array | null;

async function pages<T>(fetch: (token: PageToken) => Promise<readonly [readonly T[], PageToken]>): Promise<T[]> {
  const all: T[] = [];
  let token: PageToken = null;
  do {
    const [items, next]: readonly [readonly T[], PageToken] = await fetch(token);
    all.push(...items);
    token = next;
  } while (token !== null && token.length > 0);
  return all;
}

const present = <T>(value: T | undefined): T[] => (value === undefined ? [] : [value]);

/** The codec's own error may quote what it could not decode, so only its name is repeated. */
async function decoded<T>({ runId }: RunId, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const name = error instanceof Error ? error.name : 'unknown error';
    throw new RunHistoryError('undecodable', `the history of the run ${runId} can't be decoded (${name})`);
  }
}

function problemOf(error: unknown, what: string): RunHistoryError {
  const code = grpcStatusOf(error);
  if (code === GrpcStatus.NOT_FOUND || code === GrpcStatus.INVALID_ARGUMENT)
    return new RunHistoryError('gone', `${what} is gone: its retention is over, or it was deleted`);
  const reason = code === undefined ? 'no answer in time' : GrpcStatus[code];
  return new RunHistoryError('unavailable', `${what} can't be read now (${reason})`);
}
