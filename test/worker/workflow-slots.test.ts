import type { SlotPermit } from '@temporalio/worker';
import { expect, test, vi } from 'vitest';
import { createRightOfWay } from '../../src/worker/right-of-way.js';
import { createWorkflowSlots, type WorkflowSlotsOptions } from '../../src/worker/workflow-slots.js';

const CONTEXT = { slotType: 'workflow', taskQueue: 'q', workerIdentity: '', workerBuildId: '' } as const;
const START = { ...CONTEXT, isSticky: false };
const RUNNING = { ...CONTEXT, isSticky: true };

/** Slots, and how many of them `reserve` has given out so far. */
function slotsWith(options: Partial<WorkflowSlotsOptions> = {}) {
  const slots = createWorkflowSlots({ forStarts: 2, forRunning: 1, ...options });
  const given: SlotPermit[] = [];
  return {
    given,
    reserve: (context: typeof START, signal = new AbortController().signal) =>
      slots.reserveSlot(context, signal).then((permit) => {
        given.push(permit);
        return permit;
      }),
    use: (permit: SlotPermit) => {
      slots.markSlotUsed({ permit, slotInfo: { type: 'workflow', workflowType: 't', isSticky: true } });
    },
    release: (permit: SlotPermit) => {
      slots.releaseSlot({ permit });
    },
  };
}

function abortable() {
  const controller = new AbortController();
  return {
    signal: controller.signal,
    abort: () => {
      controller.abort(new Error('aborted'));
    },
  };
}

/** Lets everything go on that can. */
const settle = () => new Promise((resolve) => setImmediate(resolve));

test('first tasks take no slot of deliveries that run already, and one that is given back goes to who waits', async () => {
  const { reserve, release, given } = slotsWith();
  const first = await reserve(START);
  await reserve(START);
  const third = reserve(START);
  await reserve(RUNNING);
  expect(given).toHaveLength(3);
  release(first);
  await third;
  expect(given).toHaveLength(4);
});

test('who gives up does not take a slot with them', async () => {
  const { reserve, release, given } = slotsWith();
  const first = await reserve(RUNNING);
  const { signal, abort } = abortable();
  const waiting = reserve(RUNNING, signal);
  const next = reserve(RUNNING);
  abort();
  await expect(waiting).rejects.toThrow('aborted');
  await expect(reserve(RUNNING, signal)).rejects.toThrow('aborted');
  release(first);
  await next;
  expect(given).toHaveLength(2);
});

test('promotions wait while two codes are under way, and go on when one has ended', async () => {
  const rightOfWay = createRightOfWay();
  const codes = slotsWith({ forRunning: 10, hasRightOfWay: rightOfWay });
  const promotions = slotsWith({ givesWayTo: rightOfWay });
  const [one, other] = [await codes.reserve(RUNNING), await codes.reserve(RUNNING)];
  codes.use(one);
  await promotions.reserve(START);
  codes.use(other);
  const waiting = [promotions.reserve(START), promotions.reserve(RUNNING)];
  await settle();
  expect(promotions.given).toHaveLength(1);
  codes.release(other);
  await Promise.all(waiting);
  // A slot without a task, such as that of a poll which brought none, is no traffic.
  const unused = await codes.reserve(RUNNING);
  codes.release(unused);
  codes.release(one);
  await codes.reserve(RUNNING);
  await codes.reserve(RUNNING);
  expect(codes.given).toHaveLength(5);
});

test('a first task of a code, which may wait for RBM, keeps no promotion back', async () => {
  const rightOfWay = createRightOfWay();
  const codes = slotsWith({ hasRightOfWay: rightOfWay });
  const promotions = slotsWith({ givesWayTo: rightOfWay });
  for (const permit of [await codes.reserve(START), await codes.reserve(START)]) codes.use(permit);
  await promotions.reserve(START);
  expect(promotions.given).toHaveLength(1);
});

test('codes that never let up keep a promotion back for a tenth of a second, and a stopping worker for no longer than it lives', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  try {
    const rightOfWay = createRightOfWay();
    rightOfWay.begin();
    rightOfWay.begin();
    const promotions = slotsWith({ givesWayTo: rightOfWay });
    const waiting = promotions.reserve(START);
    await vi.advanceTimersByTimeAsync(99);
    expect(promotions.given).toHaveLength(0);
    await vi.advanceTimersByTimeAsync(1);
    await waiting;
    const { signal, abort } = abortable();
    const stopping = promotions.reserve(START, signal);
    abort();
    await expect(stopping).rejects.toThrow('aborted');
    expect(vi.getTimerCount()).toBe(0);
  } finally {
    vi.useRealTimers();
  }
});
