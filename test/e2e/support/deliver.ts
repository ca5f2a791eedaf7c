import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { expect, vi } from 'vitest';
import type { WorkflowHandle } from '@temporalio/client';
import type { DeliveryStack } from '../../../dev/stack/delivery-stack.js';
import type { PhoneBehaviourInput, PresetName } from '../../../dev/simulator/phone-behaviour.js';
import type { MessageTruth } from '../../../dev/simulator/truth.js';
import type { DeliveryStatus, MessageDeliveryResult } from '../../../src/contract/status.js';
import { expectGuarantees } from './guarantees.js';

type Json = Readonly<Record<string, unknown>>;

/** How late a thing may come on a machine whose two cores are busy with other tests. Milliseconds. */
export const SLACK = 4_000;
const SETTLE_LIMIT_MS = 50_000;

/** One delivery of a test, beside what the simulator knows of it. */
export interface TestDelivery {
  readonly phone: string;
  readonly messageId: string;
  readonly input: Json;
  readonly handle: WorkflowHandle;
  /** What really happened, kept up to date. */
  readonly truth: MessageTruth;
  readonly status: () => Promise<DeliveryStatus>;
  /** Waits until the query `status` is as wished. */
  readonly until: (holds: (status: DeliveryStatus) => boolean) => Promise<DeliveryStatus>;
  readonly inPhase: (phase: string) => Promise<DeliveryStatus>;
  /** The result, which has been held against the guarantees and against what the phone really got. */
  readonly ended: () => Promise<MessageDeliveryResult>;
}

let phones = 0;
/** A number of its own for each delivery. */
export const newPhone = () => `+1555010${String((phones += 1)).padStart(4, '0')}`;

/** Times that fit a test: expiry after 5 s (a busy machine's create takes a while), a grace of 1 s, the SMS at the latest 4 s after the expiry. */
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

export interface Wanted {
  readonly behaviour: PresetName | PhoneBehaviourInput;
  /** Fields that differ from {@link inputFor}; undefined takes one away. */
  readonly input?: Json;
}

/** Starts a delivery as a foreign client does: plain JSON under the id of the contract. */
export function deliver(stack: DeliveryStack, wanted: Wanted): Promise<TestDelivery> {
  const delivery = underWay.then(() => start(stack, wanted));
  underWay = delivery
    .then(({ truth }) => vi.waitUntil(() => truth.creates.length > 0, UNDER_WAY))
    .catch(() => undefined);
  return delivery;
}

/**
 * Fifty tests that begin at once would make each other late from the start: the next one starts when RBM has been asked for
 * the last, or will not be.
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
  const status = () => handle.query<DeliveryStatus>('status');
  const until: TestDelivery['until'] = async (holds) => {
    const end = Date.now() + SETTLE_LIMIT_MS;
    for (;;) {
      const seen = await status();
      if (holds(seen)) return seen;
      if (Date.now() > end) throw new Error(`It never came about. Last seen: ${JSON.stringify(seen, null, 1)}`);
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
        const result = await Promise.race([handle.result() as Promise<MessageDeliveryResult>, late]);
        expectGuarantees({ input, result, truth });
        // Of an ended workflow the worker answers from a replay of its history: it must tell the same story.
        expect((await status()).timeline).toEqual(result.timeline);
        return result;
      } finally {
        limit.abort();
      }
    },
  };
}
