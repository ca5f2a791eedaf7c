import { Client, Connection } from '@temporalio/client';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { DefaultLogger, makeTelemetryFilterString, Runtime } from '@temporalio/worker';
import type { temporal } from '@temporalio/proto';
import type { MessageTruth, OptOutTruth, Received } from '../../dev/simulator/truth.js';
import { createVirtualClock, type VirtualClock } from '../../dev/simulator/virtual-clock.js';
import { startTimeSkipping } from '../../dev/temporal/test-server.js';
import type { MessageDeliveryInput } from '../../src/contract/input.js';
import { createTestWorker } from '../support/test-worker.js';
import { createClockwork, STEP, type Clockwork } from './clockwork.js';
import { begin, operate, TASK_QUEUE } from './delivery.js';
import { giveUp, hasForgottenActivity, isQuiet, isWhole, terminate, untilQuiet } from './lost-tasks.js';
import { isOpen, type Cast, type Open } from './open-delivery.js';
import { readHistory, type RunHistory } from './run-history.js';
import { createWorlds, type Worlds } from './worlds.js';

/** Longer than any scenario takes. A delivery that is still open then never settles. Milliseconds of the server's time. */
const HORIZON = 450_000;
/** How long phones may still act after the last delivery has settled. Longer than any of them waits. */
const AFTERMATH = 150_000;
/**
 * Fewer workflows than run at once, so that some tasks start with a replay, as after a worker's restart. A workflow that is
 * evicted during a local activity loses it. Its first task times out after 10 s and is repeated, as after a worker's crash.
 */
const CACHED = 40;
/** A batch takes 15 to 40 s. After this long the server's clock is stuck. Milliseconds of real time. */
const STUCK = 120_000;

export interface Run extends Cast {
  readonly input: MessageDeliveryInput;
  readonly history: RunHistory;
  readonly raw: { readonly workflowId: string; readonly history: temporal.api.history.v1.IHistory };
  readonly truth: MessageTruth;
  readonly phone: readonly Received[];
  readonly optOuts: readonly OptOutTruth[];
  /** The ids of all messages that RBM received for this phone. */
  readonly messageIds: readonly string[];
  /** The expiry that the operator asked for, as Unix time in milliseconds. */
  readonly expiryAsked: number | undefined;
}

interface Performance {
  readonly runs: readonly Run[];
  /** The scenarios that the test server could not finish (see ./clockwork.ts). They may be played again. */
  readonly lost: readonly Cast[];
  /** The scenarios that never end, because the test server forgets an activity for which they wait. */
  readonly unplayable: readonly Cast[];
  /** True if this stage cannot be used any more. */
  readonly stuck: boolean;
}

export interface Stage {
  readonly stats: Clockwork['stats'];
  /** Plays all of them at once, until they have settled and the phones have done everything. */
  play(casts: readonly Cast[]): Promise<Performance>;
  stop(): Promise<void>;
}

/** Starts the real workflow and activities on the time-skipping server, with the simulators in the same virtual time. */
export async function openStage(): Promise<Stage> {
  quiet();
  const env = await startTimeSkipping();
  const clock = createVirtualClock(await env.currentTimeMs());
  // Not env.client, which skips time whenever it waits for a result. Never closed: the SDK may be about to repeat a call,
  // and on a closed connection that is an uncaught error.
  const client = new Client({ connection: await Connection.connect({ address: env.address }) });
  const connection = await Connection.connect({ address: env.address, interceptors: [] });
  const operators = new Client({ connection });
  const worlds = await createWorlds({ clock, client });
  const { activities, isBusy } = watched(worlds.activities);
  const worker = await createTestWorker({
    connection: env.nativeConnection,
    taskQueue: TASK_QUEUE,
    activities,
    maxCachedWorkflows: CACHED,
  });
  const running = worker.run();
  const onStage: Open[] = [];
  const clockwork = createClockwork({
    ...{ env, clock, isBusy },
    isQuiet: () => isQuiet(onStage),
    untilQuiet: () => untilQuiet(onStage, isBusy),
  });
  return {
    stats: clockwork.stats,
    play: (casts) => play({ env, clock, client, operators, worlds, clockwork, onStage }, casts),
    async stop() {
      await clockwork.stop();
      worker.shutdown();
      await running;
      await worlds.stop();
      await connection.close();
      await env.teardown();
    },
  };
}

interface Set {
  readonly env: TestWorkflowEnvironment;
  readonly clock: VirtualClock;
  readonly client: Client;
  readonly operators: Client;
  readonly worlds: Worlds;
  readonly clockwork: Clockwork;
  /** The deliveries that are running. */
  readonly onStage: Open[];
}

async function play(set: Set, casts: readonly Cast[]): Promise<Performance> {
  const { env, clock, worlds, clockwork, onStage } = set;
  const start = await env.currentTimeMs();
  clock.advanceTo(start);
  const open = await Promise.all(casts.map((cast) => begin(set, cast, start)));
  onStage.splice(0, Infinity, ...open);
  const began = performance.now();
  const isStuck = () => performance.now() - began > STUCK;
  for (let now = start; open.some(isOpen) && now < start + HORIZON && !isStuck();) {
    now = await clockwork.step(STEP);
    await worlds.idle();
    await Promise.all(open.map((one) => operate(one, now)));
  }
  if (isStuck()) await Promise.all(open.filter(isOpen).map(giveUp));
  await clockwork.rest();
  const histories = await Promise.all(open.map(({ handle }) => handle.fetchHistory()));
  await Promise.all(open.filter(isOpen).map(terminate));
  for (const end = clock.now() + AFTERMATH; clock.now() < end && !isStuck();) {
    await clockwork.step(STEP);
    await worlds.idle();
  }
  const runs: Run[] = [];
  const lost: Cast[] = [];
  const unplayable: Cast[] = [];
  for (const [index, one] of open.entries()) {
    const history = histories[index] ?? {};
    const run = ended(worlds, one, history);
    // The server is not to blame for a failed task.
    const isLost = (one.state.now === 'lost' || !isWhole(history)) && run.history.failedTasks.length === 0;
    if (run.history.closed === undefined && hasForgottenActivity(history)) unplayable.push(one.cast);
    else if (isLost) lost.push(one.cast);
    else runs.push(run);
  }
  return { runs, lost, unplayable, stuck: isStuck() };
}

function ended(worlds: Worlds, { cast, input, handle, state }: Open, history: temporal.api.history.v1.IHistory): Run {
  const simulator = worlds.simulatorOf(cast.world.agentId);
  const { messages } = simulator.wholeTruth();
  return {
    ...cast,
    input,
    history: readHistory(history),
    raw: { workflowId: handle.workflowId, history },
    truth: simulator.truthFor(input.messageId),
    phone: simulator.groundTruth(input.recipient),
    optOuts: simulator.optOutsOf(input.recipient),
    messageIds: Object.values(messages).flatMap(({ phone, messageId }) =>
      phone === input.recipient ? [messageId] : [],
    ),
    expiryAsked: state.expiryAsked,
  };
}

/** Wraps the activities to know whether one is running. */
function watched<T extends Record<keyof T, (input: never) => Promise<unknown>>>(given: T) {
  let running = 0;
  const activities = Object.fromEntries(
    Object.entries<(input: never) => Promise<unknown>>(given).map(([name, run]) => [
      name,
      async (input: never) => {
        running += 1;
        try {
          return await run(input);
        } finally {
          running -= 1;
        }
      },
    ]),
  ) as unknown as T;
  return { activities, isBusy: () => running > 0 };
}

let installed = false;
/** Logs errors only, because these runs make activities fail. */
function quiet(): void {
  if (installed) return;
  const filter = makeTelemetryFilterString({ core: 'ERROR', other: 'ERROR' });
  Runtime.install({ logger: new DefaultLogger('ERROR'), telemetryOptions: { logging: { forward: {}, filter } } });
  installed = true;
}
