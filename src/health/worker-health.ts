import { shared } from '../http/shared.js';
import type { LastPolls, PolledQueue, PollTimes } from '../temporal/last-polls.js';

/** A Temporal Worker of this process. One that polls for both kinds of tasks is listed once for each. */
export interface WatchedWorker extends PolledQueue {
  readonly name: string;
  /** The SDK's state of the Worker, such as RUNNING. */
  readonly state: () => string;
}

export interface RunningWorkers {
  readonly workers: readonly WatchedWorker[];
  /** Asks Temporal, and looks no further for a poll since that time. */
  readonly lastPolls: (queues: readonly PolledQueue[], since: Date) => Promise<LastPolls>;
}

interface Answer {
  readonly status: 200 | 503;
  readonly body: Readonly<Record<string, unknown>>;
}

/** What /healthz and /readyz of a worker process answer. */
export interface WorkerHealth {
  /** The process has connected to Temporal, and these are its Workers. Before this call it counts as starting. */
  watch(running: RunningWorkers): void;
  alive(): Answer;
  ready(): Promise<Answer>;
}

export interface WorkerHealthOptions {
  /** Aborts when the process begins to shut down. */
  readonly signal: AbortSignal;
  /** Milliseconds since the epoch. A poll before it was one of the process before this one, in the same container. */
  readonly startedAt: number;
}

/**
 * Temporal answers an idle poll after a minute, and the next one follows at once. The rest is for a slow answer, and for
 * clocks that differ.
 */
const POLLED_WITHIN_MS = 90_000;
/** How long an answer of Temporal's is used again, in milliseconds. */
const ANSWER_HOLDS_MS = 2_000;

export function createWorkerHealth({ signal, startedAt }: WorkerHealthOptions): WorkerHealth {
  let watched: WatchedWorkers | undefined;
  return {
    watch: ({ workers, lastPolls }) => {
      watched = { workers, lastPolls: shared(() => lastPolls(workers, sinceWhen(startedAt)), ANSWER_HOLDS_MS) };
    },
    alive: () => (signal.aborted ? ALIVE : aliveOf(watched?.workers ?? [])),
    ready: async () => {
      const answer = signal.aborted ? undefined : await readyOf(watched, startedAt);
      // The shutdown may have begun in the meantime.
      return answer === undefined || signal.aborted
        ? notReady('draining', 'the process shuts down, and finishes what it has begun')
        : answer;
    },
  };
}

interface WatchedWorkers {
  readonly workers: readonly WatchedWorker[];
  readonly lastPolls: () => Promise<LastPolls>;
}

const NEVER = new Date(0);
const ALIVE: Answer = { status: 200, body: { status: 'alive' } };
const READY: Answer = { status: 200, body: { status: 'ready' } };

type Reason = 'not started' | 'not connected' | 'not running' | 'draining' | 'no poll';

function notReady(reason: Reason, detail: string, workers: readonly object[] = []): Answer {
  return { status: 503, body: { status: 'not ready', reason, detail, ...(workers.length > 0 && { workers }) } };
}

const described = ({ name, taskQueue, kind, state }: WatchedWorker) => ({ name, taskQueue, kind, state: state() });

function aliveOf(workers: readonly WatchedWorker[]): Answer {
  const dead = workers.filter(({ state }) => ['FAILED', 'STOPPED'].includes(state()));
  if (dead.length === 0) return ALIVE;
  const detail = 'these Workers have failed or stopped; the log says why';
  return { status: 503, body: { status: 'not alive', reason: 'worker failed', detail, workers: dead.map(described) } };
}

async function readyOf(watched: WatchedWorkers | undefined, startedAt: number): Promise<Answer> {
  if (watched === undefined)
    return notReady('not started', 'the process starts, or waits for Temporal; the log says which');
  const { workers, lastPolls } = watched;
  const idle = workers.filter(({ state }) => state() !== 'RUNNING');
  if (idle.length > 0) return notReady('not running', 'these Workers are not running', idle.map(described));
  const polls = await lastPolls();
  if (polls.answer === 'unreachable') return notReady('not connected', 'Temporal does not answer');
  if (polls.answer === 'refused') {
    const note =
      'Temporal does not answer DescribeTaskQueue to this client, so only the states of the Workers are known';
    return { status: 200, body: { ...READY.body, note } };
  }
  return polledSince(sinceWhen(startedAt), workers, polls.of);
}

const sinceWhen = (startedAt: number): Date => new Date(Math.max(startedAt, Date.now() - POLLED_WITHIN_MS));

function polledSince(since: Date, workers: readonly WatchedWorker[], lastPoll: PollTimes): Answer {
  const unpolled = workers.filter((worker) => (lastPoll(worker) ?? NEVER) < since);
  if (unpolled.length === 0) return READY;
  const detail = `Temporal got no poll from these Workers in the last ${String(POLLED_WITHIN_MS / 1_000)} s`;
  const withTimes = unpolled.map((worker) => ({
    ...described(worker),
    lastPoll: lastPoll(worker)?.toISOString() ?? null,
  }));
  return notReady('no poll', detail, withTimes);
}
