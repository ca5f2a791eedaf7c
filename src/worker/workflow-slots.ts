import type { CustomSlotSupplier, SlotPermit, SlotReserveContext, WorkflowSlotInfo } from '@temporalio/worker';
import type { RightOfWay } from './right-of-way.js';
import { createWaitingList } from './waiting-list.js';

export interface WorkflowSlotsOptions {
  /** How many first tasks of a workflow, or first ones after its worker has died, may be processed at a time. */
  readonly forStarts: number;
  /** How many tasks of workflows in the cache. */
  readonly forRunning: number;
  /** The tasks of workflows in the cache have it. */
  readonly hasRightOfWay?: RightOfWay;
  /** No slot is reserved for another poll before it is clear. */
  readonly givesWayTo?: RightOfWay;
}

/**
 * Slots for workflow tasks in two pools. A delivery's first task may wait a second for RBM's answer, and so could take every
 * slot while RBM is slow. The tasks of deliveries that run already, such as an expiry or a DELIVERED, have their own.
 */
export function createWorkflowSlots(options: WorkflowSlotsOptions): CustomSlotSupplier<WorkflowSlotInfo> {
  const { forStarts, forRunning, hasRightOfWay, givesWayTo } = options;
  const starts = createPool(forStarts);
  const running = createPool(forRunning);
  const poolFor = ({ isSticky }: SlotReserveContext) => (isSticky ? running : starts);
  return {
    type: 'custom',
    async reserveSlot(context, signal) {
      await givesWayTo?.clear(signal);
      await poolFor(context).reserve(signal);
      return newPermit(poolFor(context));
    },
    tryReserveSlot: (context) => (poolFor(context).tryReserve() ? newPermit(poolFor(context)) : null),
    markSlotUsed({ permit }) {
      const used = permit as PoolPermit;
      if (used.pool !== running || hasRightOfWay === undefined) return;
      used.goesFirst = true;
      hasRightOfWay.begin();
    },
    releaseSlot({ permit }) {
      const { pool, goesFirst } = permit as PoolPermit;
      if (goesFirst) hasRightOfWay?.end();
      pool.release();
    },
  };
}

interface PoolPermit extends SlotPermit {
  /** Where the slot goes back to. */
  readonly pool: Pool;
  /** A task with the right of way uses it. */
  goesFirst: boolean;
}

const newPermit = (pool: Pool): PoolPermit => ({ pool, goesFirst: false });

interface Pool {
  /** Rejects if the signal aborts before a slot is free. */
  reserve(signal: AbortSignal): Promise<void>;
  tryReserve(): boolean;
  release(): void;
}

function createPool(size: number): Pool {
  let free = size;
  const list = createWaitingList();
  const tryReserve = () => {
    if (free === 0) return false;
    free -= 1;
    return true;
  };
  return {
    tryReserve,
    async reserve(signal) {
      signal.throwIfAborted();
      if (!tryReserve()) await list.wait(signal);
    },
    release() {
      // Who waits takes the slot over.
      if (!list.letOneGo()) free += 1;
    },
  };
}
