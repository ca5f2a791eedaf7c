import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { readdir, readFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { Client, Connection, type WorkflowHandle } from '@temporalio/client';
import { historyFromJSON } from '@temporalio/common/lib/proto-utils.js';
import { NativeConnection, type WorkflowBundleOption } from '@temporalio/worker';
import { afterAll, assert, beforeAll, describe, expect, test } from 'vitest';
import { createActivities } from '../../src/activities/create-activities.js';
import { workflowIdFor } from '../../src/contract/ids.js';
import { TRACE_HEADER } from '../../src/contract/trace.js';
import { tracingConfig } from '../../src/config/tracing-config.js';
import { startTracing, type Tracing } from '../../src/observability/tracing.js';
import { createRbmClient } from '../../src/rbm/rbm-client.js';
import { createHttpSmsProvider } from '../../src/sms/http-provider.js';
import { createDeliveryWorker } from '../../src/worker/create-worker.js';
import { traceWorker, type WorkerTracing } from '../../src/worker/trace-worker.js';
import { Cleanups } from '../../dev/stack/cleanups.js';
import { event, inputWith } from '../workflows/rig.js';
import { createReplayer, type History, type Replayer } from '../support/replayer.js';
import { sharedTemporal } from '../support/shared-temporal.js';
import { builtWorkflows, withoutTracing } from '../support/workflow-bundle.js';
import { quietTemporal } from '../support/quiet-temporal.js';
import { startOtlpReceiver, type OtlpReceiver } from './otlp-receiver.js';

const MODES = ['traced', 'untraced'] as const;
type Mode = (typeof MODES)[number];

const cleanups = new Cleanups();
let receiver: OtlpReceiver;
let tracing: Tracing;
let traced: WorkerTracing;
let native: NativeConnection;
let namespace: string;
let clients: Record<Mode, Client>;
/** The workflow bundle with the tracing interceptor and without it. */
let bundles: Record<Mode, WorkflowBundleOption>;
let replayers: Record<Mode, Replayer>;
let parties: Parties;
let workflowWorkers: Record<Mode, RunningWorker>;

beforeAll(async () => {
  quietTemporal();
  receiver = cleanups.add(await startOtlpReceiver(), (running) => running.stop());
  const { tracing: settings } = tracingConfig({ OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url });
  assert(settings);
  tracing = cleanups.add(startTracing(settings, { serviceName: 'test' }), ({ stop }) => stop());
  traced = traceWorker(tracing);
  const temporal = await sharedTemporal();
  const { address } = temporal;
  namespace = temporal.namespace;
  native = cleanups.add(await NativeConnection.connect({ address }), (one) => one.close());
  const connection = cleanups.add(await Connection.connect({ address }), (one) => one.close());
  clients = {
    traced: new Client({ connection, namespace, interceptors: tracing.clientInterceptors }),
    untraced: new Client({ connection, namespace }),
  };
  parties = cleanups.add(await startParties(), (one) => one.stop());
  bundles = { traced: builtWorkflows.workflowBundle, untraced: withoutTracing() };
  replayers = {
    traced: createReplayer({ workflowBundle: bundles.traced, sinks: traced.sinks }),
    untraced: createReplayer({ workflowBundle: bundles.untraced }),
  };
  for (const replayer of Object.values(replayers)) cleanups.add(replayer, (one) => one.close());
  const startAll = async (what: 'workflows' | 'activities') => ({
    traced: await startWorker('traced', what),
    untraced: await startWorker('untraced', what),
  });
  const activityWorkers = await startAll('activities');
  workflowWorkers = await startAll('workflows');
  for (const mode of MODES) {
    cleanups.add(activityWorkers[mode], (one) => one.stop());
    // Looked up at the end, since a test may have started another.
    cleanups.add(mode, (one) => workflowWorkers[one].stop());
  }
});
afterAll(() => cleanups.run());

describe('every stored history', async () => {
  const folder = new URL('../replay/histories/', import.meta.url);
  test.each(await readdir(folder))('%s replays with tracing on', async (file) => {
    await replayers.traced.replay(historyFromJSON(JSON.parse(await readFile(new URL(file, folder), 'utf8'))));
  });
});

/** RBM and an SMS gateway over real HTTP, which record the request headers. */
interface Parties {
  readonly headers: IncomingHttpHeaders[];
  /** Answers to the next DELETEs of a message. Later ones are answered 200. `after` delays an answer, in milliseconds. */
  readonly deletes: Map<string, (readonly [status: number, headers?: Record<string, string>, after?: number])[]>;
  readonly activities: ReturnType<typeof createActivities>;
  stop(): Promise<void>;
}

async function startParties(): Promise<Parties> {
  const headers: IncomingHttpHeaders[] = [];
  const deletes: Parties['deletes'] = new Map();
  const server = createServer((request, response) => {
    headers.push(request.headers);
    request.resume();
    const messageId = /[0-9a-f-]{36}/.exec(request.url ?? '')?.[0] ?? '';
    const scripted = request.method === 'DELETE' ? deletes.get(messageId)?.shift() : undefined;
    const [status, extra = {}, after = 0] = scripted ?? [200];
    void delay(after).then(() => {
      response.writeHead(status, { 'content-type': 'application/json', ...extra }).end('{"id":"sms-1"}');
    });
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const url = `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`;
  const auth = { accessToken: () => Promise.resolve('token'), invalidate: () => undefined };
  return {
    headers,
    deletes,
    activities: createActivities({
      rbm: createRbmClient({ endpoint: url, auth }),
      sms: createHttpSmsProvider({ url: `${url}/sms`, token: 'token' }),
    }),
    stop: async () => {
      server.closeAllConnections();
      await new Promise((closed) => server.close(closed));
    },
  };
}

interface RunningWorker {
  stop(): Promise<void>;
}

/** The workers of a mode have a task queue of their own, named after it. */
async function startWorker(mode: Mode, what: 'workflows' | 'activities'): Promise<RunningWorker> {
  const { activities } = parties;
  const taskQueue = mode;
  const { activities: traces } = traced;
  const worker = await createDeliveryWorker({
    ...{ connection: native, namespace, taskQueue, activities },
    ...(mode === 'traced' && { tracing: traced }),
    settings: { queues: what === 'workflows' ? ['workflows'] : ['rbm', 'revoke', 'sms'] },
    worker: {
      ...(what === 'workflows' && { workflowBundle: bundles[mode] }),
      ...(mode === 'traced' && { interceptors: { activity: [traces] } }),
    },
  });
  const running = worker.run();
  return {
    async stop() {
      worker.shutdown();
      await running;
    },
  };
}

type Events = NonNullable<History['events']>;
const count = (events: Events, attribute: keyof Events[number]) =>
  events.filter((one) => one[attribute] != null).length;

async function until(handle: WorkflowHandle, holds: (events: Events) => boolean): Promise<void> {
  if (!(await becomesTrue(handle, holds, 30_000))) throw new Error('the history never was as expected');
}

async function becomesTrue(handle: WorkflowHandle, holds: (events: Events) => boolean, ms: number): Promise<boolean> {
  const end = Date.now() + ms;
  // Reads the history only, because a query before the first workflow task adds a task.
  while (!holds((await handle.fetchHistory()).events ?? [])) {
    if (Date.now() > end) return false;
    await delay(50);
  }
  return true;
}

interface Path {
  readonly ttl: string;
  readonly deletes?: readonly (readonly [number, Record<string, string>?, number?])[];
  readonly play: (handle: WorkflowHandle, workflows: Pausable) => Promise<void>;
}

interface Pausable {
  readonly pause: () => Promise<void>;
  readonly resume: () => Promise<void>;
}

const ended = (events: Events) =>
  count(events, 'activityTaskCompletedEventAttributes') + count(events, 'activityTaskFailedEventAttributes');

/** The second DELETE and the deadline both end while no worker runs, so the next worker learns of both in one task. */
const race: Path['play'] = async (handle, { pause, resume }) => {
  await until(handle, (events) => count(events, 'activityTaskScheduledEventAttributes') >= 2);
  await pause();
  // If the worker stops too late, the race does not happen. `recorded` checks the history for it.
  await becomesTrue(handle, (events) => count(events, 'timerFiredEventAttributes') >= 3 && ended(events) >= 2, 10_000);
  await resume();
};

/** Milliseconds. Shorter than the 2.75 s that the workflow waits for the answer, which confirms the revocation. */
const SLOWLY = 2_400;

const PATHS: Record<string, Path> = {
  delivered: {
    ttl: '60s',
    play: async (handle) => {
      await until(handle, (events) => count(events, 'timerStartedEventAttributes') === 1);
      await handle.signal('delivered', event());
    },
  },
  'SMS and its receipt': {
    ttl: '1s',
    play: async (handle) => {
      await until(handle, (events) => count(events, 'timerStartedEventAttributes') === 3);
      await handle.signal('smsStatus', { ...event(), status: 'DELIVERED' });
    },
  },
  'the answer, then the deadline, in one workflow task': { ttl: '1s', deletes: [[503], [200, {}, SLOWLY]], play: race },
  'the deadline, then the answer, in one workflow task': {
    ttl: '1s',
    deletes: [
      [429, { 'retry-after': '2' }],
      [200, {}, 1_150],
    ],
    play: race,
  },
};

async function record(mode: Mode, { ttl, deletes = [], play }: Path): Promise<History> {
  const input = inputWith({
    ttl,
    fallback: { sms: { text: 'x', receiptTimeout: play === race ? '1s' : '60s' } },
    revocation: { grace: '0.5s', budget: '6s' },
  });
  parties.deletes.set(input.messageId, [...deletes]);
  const options = { taskQueue: mode, workflowId: workflowIdFor(input), args: [input] };
  const handle = await clients[mode].workflow.start('messageDelivery', options);
  await play(handle, {
    pause: () => workflowWorkers[mode].stop(),
    resume: async () => {
      workflowWorkers[mode] = await startWorker(mode, 'workflows');
    },
  });
  await handle.result();
  return handle.fetchHistory();
}

const typesOf = ({ events }: History) => (events ?? []).map(({ eventType }) => eventType);

/** True if a workflow task started with both an answer and a fired timer. */
function hasRace({ events }: History): boolean {
  const tasks = [[] as Events];
  for (const one of events ?? []) {
    if (one.workflowTaskCompletedEventAttributes != null) tasks.push([]);
    tasks.at(-1)?.push(one);
  }
  return tasks.some((task) => count(task, 'timerFiredEventAttributes') > 0 && ended(task) > 0);
}

/** On a busy machine the worker may start too early for the race. Then the path runs again. */
async function recorded(mode: Mode, path: Path): Promise<History> {
  const history = await record(mode, path);
  return path.play !== race || hasRace(history) ? history : recorded(mode, path);
}

describe('a delivery', () => {
  test.each(Object.entries(PATHS))(
    '%s: costs the same and replays, traced or not',
    async (title, path) => {
      const [on, off] = await Promise.all([recorded('traced', path), recorded('untraced', path)]);

      expect(JSON.stringify(on)).toContain(TRACE_HEADER);
      expect(JSON.stringify(off)).not.toContain(TRACE_HEADER);
      // A race may take one task more or less, depending on the exact moment.
      if (path.play !== race) expect([title, typesOf(on)]).toEqual([title, typesOf(off)]);
      for (const history of [on, off]) for (const mode of MODES) await replayers[mode].replay(history);
    },
    120_000,
  );

  test('sends no trace header to RBM or the SMS gateway', () => {
    expect(parties.headers.length).toBeGreaterThan(10);
    expect(
      parties.headers.flatMap((headers) => Object.keys(headers)).filter((name) => /trace|baggage/.test(name)),
    ).toEqual([]);
  });
});
