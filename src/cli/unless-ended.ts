import { DeliveryClosedError, NoWorkerError } from '../client/client-errors.js';
import type { DeliveryHandle } from '../client/delivery-handle.js';
import { CommandFailedError } from './command-failed-error.js';
import { OutOfReachError } from './out-of-reach-error.js';

/** Changes one delivery. One that has ended can't be changed any more: the error says how it ended. */
export async function unlessEnded<T>(
  handle: DeliveryHandle,
  change: (handle: DeliveryHandle) => Promise<T>,
): Promise<T> {
  try {
    return await change(handle);
  } catch (error) {
    if (error instanceof NoWorkerError) {
      throw new OutOfReachError(`${error.message}: the change may still be made once one does; status tells`, {
        cause: error,
      });
    }
    if (!(error instanceof DeliveryClosedError)) throw error;
    const { status } = await handle.status();
    throw new CommandFailedError(`${handle.workflowId} has ended: ${status}`, { cause: error });
  }
}
