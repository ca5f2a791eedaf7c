import { Context } from '@temporalio/activity';
import { SECOND } from '../contract/duration.js';

/** How often a request that takes long heartbeats, in milliseconds. A quick one never does: a heartbeat costs an action. */
const HEARTBEAT_EVERY = SECOND;

/**
 * Makes a request, and heartbeats as long as it takes, with `details` if given. So Temporal notices within seconds that its
 * worker died. The signal aborts when the worker must stop. It does not when the activity is cancelled: a request that is
 * under way runs to its end, since its answer tells what it has done.
 */
export async function longRequest<T>(
  request: (signal: AbortSignal) => Promise<T>,
  details?: () => unknown,
): Promise<T> {
  // Timers and events run outside of the activity's context.
  const context = Context.current();
  const beats = setInterval(() => {
    if (!context.info.isLocal) context.heartbeat(details?.());
  }, HEARTBEAT_EVERY);
  const stopped = context.cancellationSignal;
  const abort = new AbortController();
  const stop = () => {
    if (isShuttingDown(context)) abort.abort(stopped.reason);
  };
  stopped.addEventListener('abort', stop);
  try {
    return await request(abort.signal);
  } finally {
    clearInterval(beats);
    stopped.removeEventListener('abort', stop);
  }
}

/** Whether the activity has to stop because its worker shuts down. */
export const isShuttingDown = (context = Context.current()): boolean =>
  context.cancellationDetails?.workerShutdown === true;
