import type { CustomSlotSupplier, SlotPermit, SlotReserveContext, WorkflowSlotInfo } from '@temporalio/worker';

export interface WorkflowSlotsOptions {
  /** How many first tasks of a workflow, or first ones after it left the cache, may be processed at a time. */
  readonly forStarts: number;
  /** How many tasks of workflows in the cache. */
  readonly forRunning: number;
}

/**
 * Slots for workflow tasks in two pools. A delivery's first task may wait a second for RBM's answer, and so could take every
 * slot while RBM is slow. The tasks of deliveries that run already, such as an expiry or a DELIVERED, have their own.
 */
export function createWorkflowSlots(options: WorkflowSlotsOptions): CustomSlotSupplier<WorkflowSlotInfo> {
  const starts = createPool(options.forStarts);
  const running = createPool(options.forRunning);
  const poolFor = ({ isSticky }: SlotReserveContext) => (isSticky ? running : starts);
  return {
    type: 'custom',
    reserveSlot: (context, signal) => poolFor(context).reserve(signal),
    tryReserveSlot: (context) => poolFor(context).tryReserve(),
    markSlotUsed: () => undefined,
    releaseSlot: ({ permit }) => {
      (permit as PoolPermit).pool.release();
    },
  };
}

interface Pool {
  reserve(signal: AbortSignal): Promise<SlotPermit>;
  tryReserve(): SlotPermit | null;
  release(): void;
}

/** Says to which pool the slot goes back. */
interface PoolPermit extends SlotPermit {
  readonly pool: Pool;
}

function createPool(size: number): Pool {
  let free = size;
  const waiting = new Set<() => void>();

  const pool: Pool = {
    tryReserve() {
      if (free === 0) return null;
      free -= 1;
      return permit;
    },
    reserve: (signal) =>
      new Promise((resolve, reject) => {
        if (signal.aborted || free > 0) {
          if (signal.aborted) reject(reasonOf(signal));
          else resolve(pool.tryReserve() ?? permit);
          return;
        }
        const take = () => {
          signal.removeEventListener('abort', giveUp);
          resolve(permit);
        };
        const giveUp = () => {
          waiting.delete(take);
          reject(reasonOf(signal));
        };
        waiting.add(take);
        signal.addEventListener('abort', giveUp, { once: true });
      }),
    release() {
      const [next] = waiting;
      if (next === undefined) {
        free += 1;
        return;
      }
      waiting.delete(next);
      next();
    },
  };
  const permit: PoolPermit = { pool };
  return pool;
}

/** The SDK expects just this error. */
const reasonOf = ({ reason }: AbortSignal): Error => reason as Error;
