import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { expect, vi } from 'vitest';
import type { WorkflowHandle } from '@temporalio/client';
import type { DeliveryStack } from '../../../dev/stack/delivery-stack.js';
import type { PhoneBehaviourInput, PresetName } from '../../../dev/simulator/phone-behaviour.js';
import type { MessageTruth } from '../../../dev/simulator/truth.js';
import type { DeliveryStatus, MessageDeliveryResult } from '../../../src/contract/status.js';
import { expectGuarantees } from './guarantees.js';
import { patiently } from './patiently.js';

type Json = Readonly<Record<string, unknown>>;

/** How late anything may be on a machine that is busy with other tests. Less than the default budget. Milliseconds. */
const SLACK = 15_000;
const SETTLE_LIMIT_MS = 100_000;

/** The longest DELETE of these tests, and the grace after it. Milliseconds. */
const ONE_DELETE = 11_000;

/** Expects the first SMS request by `due` (milliseconds). If the machine stood still, one DELETE more still fits (G5). */
export function expectSmsBy(due: number, truth: MessageTruth, { timeline }: MessageDeliveryResult): void {
  const outages = timeline.filter(({ event }) => event === 'wokeLate').map(({ time }) => Date.parse(time));
  const latest = Math.max(due, ...outages.map((end) => end + ONE_DELETE));
  expect(truth.smsRequestedAt).toBeLessThan(latest + SLACK);
}

/** One delivery of a test, and what the simulator knows about it. */
export interface TestDelivery {
  readonly phone: string;
  readonly messageId: string;
  readonly input: Json;
  readonly handle: WorkflowHandle;
  /** What really happened. Kept up to date. */
  readonly truth: MessageTruth;
  readonly status: () => Promise<DeliveryStatus>;
  /** Waits until the status satisfies the condition. */
  readonly until: (holds: (status: DeliveryStatus) => boolean) => Promise<DeliveryStatus>;
  readonly inPhase: (phase: string) => Promise<DeliveryStatus>;
  /** Waits for the result and checks it against the guarantees. */
  readonly ended: () => Promise<MessageDeliveryResult>;
}

let phones = 0;
/** Returns a phone number that no other delivery has. */
export const newPhone = () => `+1555010${String((phones += 1)).padStart(4, '0')}`;

/** The input of a delivery with short times: expiry after 5 s, a grace of 1 s, the SMS at most 4 s after the expiry. */
export const inputFor = (phone: string, given: Json = {}): Json => ({
  agentId: 'acme-agent',
  messageId: randomUUID(),
  recipient: phone,
  contentMessage: { text: 'Your code is 482913' },
  messageTrafficType: 'AUTHENTICATION',
  ...(given['expireTime'] === undefined && { ttl: '5s' }),
  fallback: { sms: { text: 'Your code is 482913' } },
  revocation: { grace: '1s', budget: '4s' },
  ...given,
});

/**
 * As in {@link inputFor}, and RBM itself drops the message 20 s after its expiry instead of a minute. A delivery whose
 * revocation is never confirmed settles only then.
 */
export const DROPPED_SOON = { grace: '1s', budget: '4s', deadMansSwitch: '20s' };

export interface Wanted {
  readonly behaviour: PresetName | PhoneBehaviourInput;
  /** Fields that differ from {@link inputFor}. undefined removes one. */
  readonly input?: Json;
}

/** Starts a delivery as a client in any language does: plain JSON under the contract's workflow id. */
export function deliver(stack: DeliveryStack, wanted: Wanted): Promise<TestDelivery> {
  const delivery = underWay.then(() => start(stack, wanted));
  underWay = delivery
    .then(({ truth }) => vi.waitUntil(() => truth.creates.length > 0, UNDER_WAY))
    .catch(() => undefined);
  return delivery;
}

/**
 * Resolves when the previous delivery is under way. Fifty deliveries that start at once would all be late, so each one
 * starts after RBM has received the create call of the one before, or after a short wait.
 */
let underWay: Promise<unknown> = Promise.resolve();
const UNDER_WAY = { timeout: 300, interval: 10 };

async function start(stack: DeliveryStack, { behaviour, input: given }: Wanted): Promise<TestDelivery> {
  const phone = newPhone();
  stack.simulator.script(phone, behaviour);
  const input = JSON.parse(JSON.stringify(inputFor(phone, given))) as Json;
  const messageId = String(input['messageId']);
  const handle = await stack.client.workflow.start('messageDelivery', {
    taskQueue: 'message-delivery',
    workflowId: `message-delivery:acme-agent:${messageId}`,
    args: [input],
  });
  return observe({ stack, phone, messageId, input, handle });
}

function observe({
  stack,
  ...delivery
}: Pick<TestDelivery, 'phone' | 'messageId' | 'input' | 'handle'> & { readonly stack: DeliveryStack }): TestDelivery {
  const { handle, messageId, input } = delivery;
  const truth = stack.simulator.truthFor(messageId);
  const status = () => patiently(() => handle.query<DeliveryStatus>('status'));
  const until: TestDelivery['until'] = async (holds) => {
    const end = Date.now() + SETTLE_LIMIT_MS;
    for (;;) {
      const seen = await status();
      if (holds(seen)) return seen;
      if (Date.now() > end)
        throw new Error(`The status was never as expected. Last seen: ${JSON.stringify(seen, null, 1)}`);
      await delay(50);
    }
  };
  return {
    ...delivery,
    truth,
    status,
    until,
    inPhase: (phase) => until((seen) => seen.phase === phase),
    async ended() {
      const limit = new AbortController();
      const late = delay(SETTLE_LIMIT_MS, undefined, { signal: limit.signal }).then(async () => {
        throw new Error(`It never settled. Last seen: ${JSON.stringify(await status(), null, 1)}`);
      });
      late.catch(() => undefined);
      try {
        const result = await Promise.race([patiently(() => handle.result() as Promise<MessageDeliveryResult>), late]);
        expectGuarantees({ input, result, truth });
        // The worker answers a query about a completed workflow from a replay, which must give the same timeline.
        expect((await status()).timeline).toEqual(result.timeline);
        return result;
      } finally {
        limit.abort();
      }
    },
  };
}
