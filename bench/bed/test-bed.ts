import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client, Connection, type WorkflowClientInterceptor } from '@temporalio/client';
import { createDeliveryClient } from '../../src/client/delivery-client.js';
import type { DeliveryHandle } from '../../src/client/delivery-handle.js';
import type { StartInput } from '../../src/client/start-input.js';
import { DEFAULT_TASK_QUEUE } from '../../src/contract/task-queues.js';
import { Cleanups } from '../../dev/stack/cleanups.js';
import { startDevServer } from '../../dev/temporal/dev-server.js';
import { startFake, type Fake } from '../fake/fake.js';
import { createPhones, type Phones } from '../load/phones.js';
import { workerEnvironment } from './credentials.js';
import { AS_IS } from './variants.js';
import type { Variant } from './variant.js';
import { workerProgram } from './worker-program.js';
import { startWorkerProcess } from './worker-process.js';

/** A dev server reads all search attributes from its database for each use of one. A server in production does not. */
const AS_IN_PRODUCTION = { 'system.forceSearchAttributesCacheRefreshOnRead': false };

/** Temporal, the fake and one delivery worker, each a process of its own. */
export interface TestBed {
  readonly client: Client;
  readonly address: string;
  readonly fake: Fake;
  readonly phones: Phones;
  /** Starts a delivery as a backend does. */
  readonly start: Start;
  /** Starts it without search attributes. */
  readonly startUnindexed: Start;
  readonly pids: { readonly server: number; readonly worker: number };
  /** Gets what must be undone before Temporal stops. */
  readonly cleanups: Cleanups;
}

type Start = (input: StartInput) => Promise<DeliveryHandle>;

export interface TestBedOptions {
  /** Default: as it is. */
  readonly variant?: Variant;
  /** Where the worker writes a CPU profile when it stops. Default: nowhere. */
  readonly profileDir?: string | undefined;
}

/** Runs `work` on a new test bed, and stops that at the end. A killed bench leaves no process behind either. */
export async function withTestBed<T>(options: TestBedOptions, work: (bed: TestBed) => Promise<T>): Promise<T> {
  const cleanups = new Cleanups();
  try {
    return await work(await startTestBed(options, cleanups));
  } finally {
    await cleanups.run();
  }
}

async function startTestBed(options: TestBedOptions, cleanups: Cleanups): Promise<TestBed> {
  const { variant = AS_IS, profileDir } = options;
  const env = withoutTemporal(process.env);
  const server = cleanups.add(await startDevServer({ env, dynamicConfig: AS_IN_PRODUCTION }), (one) => one.stop());
  const { address, namespace } = server;
  const fake = cleanups.add(await startFake(), (one) => one.stop());
  const connection = cleanups.add(await Connection.connect({ address }), (one) => one.close());
  const client = new Client({ connection, namespace });
  const dir = cleanups.add(await mkdtemp(join(tmpdir(), 'rcs-bench-')), (one) => rm(one, { recursive: true }));
  const workerEnv = await workerEnvironment(dir, fake.url);
  const worker = cleanups.add(
    await startWorkerProcess({
      args: [...profiling(profileDir), await workerProgram(variant), 'worker'],
      env: { ...env, TEMPORAL_ADDRESS: address, ...workerEnv, ...variant.workerEnv },
      queue: { client, taskQueue: DEFAULT_TASK_QUEUE },
    }),
    (one) => one.stop(),
  );
  const start = starter(client, variant, { recipientHashKey: workerEnv.RECIPIENT_HASH_KEY });
  const startUnindexed = starter(client, variant, false);
  const phones = cleanups.add(createPhones({ client, fake }), (one) => one.stop());
  const pids = { server: server.pid ?? process.pid, worker: worker.pid };
  return { client, address, fake, phones, start, startUnindexed, pids, cleanups };
}

function starter(
  client: Client,
  { onPlainQueue }: Variant,
  searchAttributes: { readonly recipientHashKey: string } | false,
): Start {
  const { connection, options } = client;
  const plain: WorkflowClientInterceptor = {
    startWithDetails: (given, next) => next({ ...given, options: { ...given.options, taskQueue: DEFAULT_TASK_QUEUE } }),
  };
  const onto = (workflow: WorkflowClientInterceptor[]) =>
    createDeliveryClient({
      client: new Client({ connection, namespace: options.namespace, interceptors: { workflow } }),
      searchAttributes,
      // A late start is a figure, not an error.
      timeoutMs: 60_000,
    });
  const [usual, plainly] = [onto([]), onto([plain])];
  return (input) => (onPlainQueue?.(input) === true ? plainly : usual).start(input);
}

export const profiling = (dir: string | undefined): readonly string[] =>
  dir === undefined ? [] : ['--cpu-prof', '--cpu-prof-dir', dir];

/** The bench has a Temporal of its own, whatever the environment names. */
function withoutTemporal(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !/^(TEMPORAL_|TASK_QUEUE$)/.test(name)));
}
