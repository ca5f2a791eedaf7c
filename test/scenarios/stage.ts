import { randomUUID } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { Client, type WorkflowHandle } from '@temporalio/client';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { bundleWorkflowCode, DefaultLogger, Runtime, Worker, type WorkflowBundle } from '@temporalio/worker';
import type { temporal } from '@temporalio/proto';
import type { MessageTruth, Received } from '../../dev/simulator/truth.js';
import { createVirtualClock, type VirtualClock } from '../../dev/simulator/virtual-clock.js';
import { startTimeSkipping } from '../../dev/temporal/test-server.js';
import { workflowIdFor } from '../../src/contract/ids.js';
import type { MessageDeliveryInput } from '../../src/contract/input.js';
import { changeExpiryUpdate, revokeNowUpdate } from '../../src/contract/messages.js';
import { createClockwork, type Clockwork } from './clockwork.js';
import { readHistory, type RunHistory } from './run-history.js';
import type { OperatorAction, Scenario } from './scenario.js';
import { createWorlds, WORLDS, type WorldRules, type Worlds } from './worlds.js';

const TASK_QUEUE = 'scenarios';
/** Not a whole second, as most waits are: an event at the same instant as a timer is what the server stumbles over. */
export const STEP = 1_170;
/** Longer than any scenario can take in the server's time; what is still open then never settles. */
const HORIZON = 450_000;
/** What the phones may still do after the last delivery has settled: longer than any of them waits. */
const AFTERMATH = 150_000;

export interface Cast {
  /** Which one of its seed. */
  readonly index: number;
  readonly scenario: Scenario;
  readonly world: WorldRules;
}

export interface Run extends Cast {
  readonly input: MessageDeliveryInput;
  readonly history: RunHistory;
  readonly raw: { readonly workflowId: string; readonly history: temporal.api.history.v1.IHistory };
  readonly truth: MessageTruth;
  readonly phone: readonly Received[];
  /** The ids of all messages that RBM heard of for this phone. */
  readonly messageIds: readonly string[];
}

export interface Performance {
  readonly runs: readonly Run[];
  /** Those that the test server could not play to their end (see ./clockwork.ts). They may be played again. */
  readonly lost: readonly Cast[];
}

export interface Stage {
  readonly bundle: WorkflowBundle;
  readonly stats: Clockwork['stats'];
  /** Plays all of them at once, to their end and beyond. */
  play(casts: readonly Cast[]): Promise<Performance>;
  stop(): Promise<void>;
}

/** The real workflow and activities on the time-skipping server, with the simulators in the same virtual time. */
export async function openStage({ maxCachedWorkflows = 500 } = {}): Promise<Stage> {
  quiet();
  const env = await startTimeSkipping();
  const clock = createVirtualClock(await env.currentTimeMs());
  // Not env.client: that one skips time whenever it waits for a result.
  const client = new Client({ connection: env.connection });
  const worlds = await createWorlds({ worlds: WORLDS, clock, client });
  const workflowsPath = fileURLToPath(new URL('../../src/workflows/index.ts', import.meta.url));
  const bundle = await bundleWorkflowCode({ workflowsPath, logger: new DefaultLogger('ERROR') });
  const { activities, isBusy } = watched(worlds.activities);
  const worker = await Worker.create({
    connection: env.nativeConnection,
    taskQueue: TASK_QUEUE,
    workflowBundle: bundle,
    activities,
    maxCachedWorkflows,
  });
  const running = worker.run();
  const onStage: Open[] = [];
  const clockwork = createClockwork({ env, clock, isBusy, untilQuiet: () => untilQuiet(onStage) });
  return {
    bundle,
    stats: clockwork.stats,
    play: (casts) => play({ env, clock, client, worlds, clockwork, onStage }, casts),
    async stop() {
      worker.shutdown();
      await running;
      await worlds.stop();
      await env.teardown();
    },
  };
}

interface Set {
  readonly env: TestWorkflowEnvironment;
  readonly clock: VirtualClock;
  readonly client: Client;
  readonly worlds: Worlds;
  readonly clockwork: Clockwork;
  /** The deliveries being played now. */
  readonly onStage: Open[];
}

async function play(set: Set, casts: readonly Cast[]): Promise<Performance> {
  const { env, clock, worlds, clockwork, onStage } = set;
  const start = await env.currentTimeMs();
  clock.advanceTo(start);
  const open = await Promise.all(casts.map((cast) => begin(set, cast, start)));
  onStage.splice(0, Infinity, ...open);
  for (let now = start; open.some(isOpen) && now < start + HORIZON;) {
    now = await clockwork.step(STEP);
    await worlds.idle();
    const due = open.filter(({ cast: { scenario }, state }) => {
      return !state.operated && scenario.operator !== undefined && now >= start + scenario.operator.after;
    });
    await Promise.all(due.map((one) => operate(one, now)));
  }
  await clockwork.rest();
  const lost = open.filter(({ state }) => state.now === 'lost');
  const kept = open.filter(({ state }) => state.now !== 'lost');
  const histories = await Promise.all(kept.map(({ handle }) => handle.fetchHistory()));
  await Promise.all(kept.filter(isOpen).map(({ handle }) => handle.terminate()));
  for (const end = clock.now() + AFTERMATH; clock.now() < end;) {
    await clockwork.step(STEP);
    await worlds.idle();
  }
  return {
    runs: kept.map((one, index) => ended(set, one, histories[index] ?? {})),
    lost: lost.map(({ cast }) => cast),
  };
}

let phonesUsed = 100_000;

interface Open {
  readonly cast: Cast;
  readonly input: MessageDeliveryInput;
  readonly handle: WorkflowHandle;
  /** `lost`: the test server has lost one of its workflow tasks. */
  readonly state: { now: 'open' | 'ended' | 'lost'; operated: boolean };
}

const isOpen = ({ state }: Open) => state.now === 'open';

async function begin({ clock, client, worlds }: Set, cast: Cast, start: number): Promise<Open> {
  const { scenario, world } = cast;
  const { expiresAfter, phone, replies, strays } = scenario;
  const { agentId } = world;
  const messageId = randomUUID();
  // A phone of its own, also for one that is played again.
  const recipient = `+1555${String((phonesUsed += 1)).padStart(7, '0')}`;
  const simulator = worlds.simulatorOf(agentId);
  const reply = replies ? { reply: { text: 'ok', postbackData: messageId } } : {};
  simulator.script(recipient, { ...phone, events: { ...phone.events, ...reply } });
  for (const { after, eventType } of strays) {
    clock.setTimer(after, () => {
      const ids = { phoneNumber: recipient, agentId: `${agentId}@rbm.goog`, messageId };
      const sendTime = new Date(clock.now()).toISOString();
      simulator.postEvent({ ...ids, eventType, eventId: `stray-${String(after)}`, sendTime });
    });
  }
  const input: MessageDeliveryInput = {
    ...{ agentId, messageId, recipient, contentMessage: { text: 'Your code is 482913' } },
    ...scenario.input,
    ...(scenario.expiryAs === 'ttl'
      ? { ttl: `${String(expiresAfter / 1000)}s` }
      : { expireTime: new Date(start + expiresAfter).toISOString() }),
  };
  const options = { taskQueue: TASK_QUEUE, workflowId: workflowIdFor(input), args: [input] };
  const handle = await client.workflow.start('messageDelivery', options);
  const state: Open['state'] = { now: 'open', operated: false };
  const end = () => {
    if (state.now === 'open') state.now = 'ended';
  };
  handle.result().then(end, end);
  return { cast, input, handle, state };
}

/** A worker answers a workflow task within milliseconds, even on a busy machine within seconds. */
const PATIENCE = 4_000;

/** Resolves once no workflow task is under way. One that stays for too long is lost, and so is its delivery. */
async function untilQuiet(onStage: readonly Open[]): Promise<void> {
  const since = new Map<Open, { readonly task: string; readonly at: number }>();
  for (;;) {
    const tasks = await Promise.all(
      onStage.filter(isOpen).map(async (one) => ({ one, task: await taskUnderWay(one) })),
    );
    const waiting = tasks.flatMap(({ one, task }) => (task === undefined ? [] : [{ one, task }]));
    if (waiting.length === 0) return;
    const now = performance.now();
    for (const { one, task } of waiting) {
      const seen = since.get(one);
      if (seen?.task !== task) since.set(one, { task, at: now });
      else if (now - seen.at > PATIENCE) await giveUp(one);
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

async function giveUp({ state, handle }: Open): Promise<void> {
  state.now = 'lost';
  await handle.terminate();
}

/** The id of the workflow task that a worker is asked to do, or is doing. */
async function taskUnderWay({ handle }: Open): Promise<string | undefined> {
  const { events } = await handle.fetchHistory();
  const last = events?.findLast(
    (event) => event.workflowTaskScheduledEventAttributes ?? event.workflowTaskCompletedEventAttributes,
  );
  if (!last?.workflowTaskScheduledEventAttributes) return undefined;
  return `${String(last.eventId)}/${String(events?.length)}`;
}

async function operate({ cast, handle, state }: Open, now: number): Promise<void> {
  state.operated = true;
  const does = cast.scenario.operator?.does;
  if (does === undefined) return;
  // It may come too late: refused, or the delivery has ended.
  await act(handle, does, now).catch(() => undefined);
}

async function act(handle: WorkflowHandle, does: OperatorAction, now: number): Promise<void> {
  const revoke = (fallback: 'sms' | 'none') =>
    handle.executeUpdate(revokeNowUpdate, { args: [{ reason: 'recalled', fallback }] });
  const expireIn = (ms: number) =>
    handle.executeUpdate(changeExpiryUpdate, { args: [{ expireTime: new Date(now + ms).toISOString() }] });
  switch (does) {
    case 'cancel':
      await handle.cancel();
      return;
    case 'revokeNow':
      await revoke('sms');
      return;
    case 'revokeNowWithoutSms':
      await revoke('none');
      return;
    case 'extend':
      await expireIn(60_000);
      return;
    case 'shorten':
      await expireIn(5_000);
      return;
  }
}

function ended({ worlds }: Set, { cast, input, handle }: Open, history: temporal.api.history.v1.IHistory): Run {
  const simulator = worlds.simulatorOf(cast.world.agentId);
  const { messages } = simulator.wholeTruth();
  return {
    ...cast,
    input,
    history: readHistory(history),
    raw: { workflowId: handle.workflowId, history },
    truth: simulator.truthFor(input.messageId),
    phone: simulator.groundTruth(input.recipient),
    messageIds: Object.values(messages).flatMap(({ phone, messageId }) =>
      phone === input.recipient ? [messageId] : [],
    ),
  };
}

/** The activities, with a count of those that are running. */
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
  );
  return { activities, isBusy: () => running > 0 };
}

let installed = false;
/** Failing activities are what these runs are about; only errors are worth a line. */
function quiet(): void {
  if (!installed) Runtime.install({ logger: new DefaultLogger('ERROR') });
  installed = true;
}
