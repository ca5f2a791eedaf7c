import { randomUUID } from 'node:crypto';
import type { Client, WorkflowHandle } from '@temporalio/client';
import type { VirtualClock } from '../../dev/simulator/virtual-clock.js';
import { startPlace } from '../../src/client/start-place.js';
import { workflowIdFor } from '../../src/contract/ids.js';
import type { MessageDeliveryInput } from '../../src/contract/input.js';
import { changeExpiryUpdate, revokeNowUpdate } from '../../src/contract/messages.js';
import type { OperatorAction } from './scenario.js';
import type { Cast, Open } from './open-delivery.js';
import type { Worlds } from './worlds.js';

export const TASK_QUEUE = 'scenarios';

export interface Surroundings {
  readonly clock: VirtualClock;
  readonly client: Client;
  /** A client that repeats no call, because an operator's call may still be pending at the end. */
  readonly operators: Client;
  readonly worlds: Worlds;
}

let phonesUsed = 100_000;

/** Prepares the phone, starts the delivery, and posts the events that come at once. */
export async function begin(around: Surroundings, cast: Cast, startedAt: number): Promise<Open> {
  const input = inputOf(cast, startedAt);
  const postStray = prepare(around, cast, input);
  const { client, operators, worlds } = around;
  const { agentId, messageId, recipient } = input;
  worlds.optOuts.enrol(recipient, { agentId, messageId });
  if (cast.scenario.optedOut) {
    await worlds.optOuts.add({ agentId, recipient }, { source: 'import', sendTime: new Date(startedAt).toISOString() });
  }
  const options = { ...startPlace(TASK_QUEUE, input), workflowId: workflowIdFor(input), args: [input] };
  const handle = await client.workflow.start('messageDelivery', options);
  const state: Open['state'] = { now: 'open', hasOperated: false };
  const end = () => {
    if (state.now === 'open') state.now = 'ended';
  };
  handle.result().then(end, end);
  const operated = operators.workflow.getHandle(handle.workflowId);
  const open = { cast, input, handle, operated, startedAt, state };
  postStray();
  void operate(open, startedAt);
  return open;
}

function inputOf({ scenario, world }: Cast, startedAt: number): MessageDeliveryInput {
  const { expiresAfter, expiryAs } = scenario;
  return {
    agentId: world.agentId,
    messageId: randomUUID(),
    // Each delivery has its own phone, also when a scenario is played again.
    recipient: `+1555${String((phonesUsed += 1)).padStart(7, '0')}`,
    contentMessage: { text: 'Your code is 482913' },
    ...scenario.input,
    ...(expiryAs === 'ttl'
      ? { ttl: `${String(expiresAfter / 1000)}s` }
      : { expireTime: new Date(startedAt + expiresAfter).toISOString() }),
  };
}

/** Scripts the phone and the stray events. Returns a function that posts the strays that come at once. */
function prepare({ clock, worlds }: Surroundings, { scenario }: Cast, input: MessageDeliveryInput): () => void {
  const { agentId, messageId, recipient } = input;
  const { phone, replies, strays } = scenario;
  const simulator = worlds.simulatorOf(agentId);
  const reply = replies ? { reply: { text: 'ok', postbackData: messageId } } : {};
  simulator.script(recipient, { ...phone, events: { ...phone.events, ...reply } });
  const post = ({ after, eventType }: (typeof strays)[number]) => {
    const ids = { phoneNumber: recipient, agentId: `${agentId}@rbm.goog`, messageId };
    const sendTime = new Date(clock.now()).toISOString();
    simulator.postEvent({ ...ids, eventType, eventId: `stray-${String(after)}`, sendTime });
  };
  for (const stray of strays.filter(({ after }) => after > 0)) {
    clock.setTimer(stray.after, () => {
      post(stray);
    });
  }
  return () => {
    strays.filter(({ after }) => after === 0).forEach(post);
  };
}

/** How long to wait for an update, some of which the test server never answers. Milliseconds of real time. */
const UPDATE_TIMEOUT = 3_000;

/** Does what the scenario's operator does, when its time has come. */
export async function operate({ cast, operated, startedAt, state }: Open, now: number): Promise<void> {
  const { operator } = cast.scenario;
  if (operator === undefined || state.hasOperated || now < startedAt + operator.after) return;
  state.hasOperated = true;
  // The call may come too late and be refused.
  const acts = () => act(operated, operator.does, { now, state });
  await operated.client.withAbortSignal(AbortSignal.timeout(UPDATE_TIMEOUT), acts).catch(() => undefined);
}

async function act(
  handle: WorkflowHandle,
  does: OperatorAction,
  { now, state }: { readonly now: number; readonly state: Open['state'] },
): Promise<void> {
  const revoke = (fallback: 'sms' | 'none') =>
    handle.executeUpdate(revokeNowUpdate, { args: [{ reason: 'wrong message', fallback }] });
  const expireIn = (ms: number) => {
    state.expiryAsked = now + ms;
    return handle.executeUpdate(changeExpiryUpdate, { args: [{ expireTime: new Date(now + ms).toISOString() }] });
  };
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
