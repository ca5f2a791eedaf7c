import { WorkflowNotFoundError } from '@temporalio/client';
import type { temporal } from '@temporalio/proto';
import { isOpen, type Open } from './open-delivery.js';

type History = temporal.api.history.v1.IHistory;

/**
 * A task is lost if it is still there after so many looks. A worker answers a task within milliseconds unless a local
 * activity is running. Looks are counted instead of seconds, because on a busy machine they take longer, too.
 */
const MOST_LOOKS = 20;
const PAUSE = 100;

/** Resolves when no workflow task is running. Gives up the deliveries whose tasks are lost (see ./clockwork.ts). */
export async function untilQuiet(onStage: readonly Open[], isBusy: () => boolean): Promise<void> {
  const seen = new Map<Open, { readonly task: string; looks: number }>();
  for (;;) {
    const waiting = await tasksUnderWay(onStage);
    if (waiting.length === 0) return;
    if (isBusy()) seen.clear();
    for (const { one, task } of waiting) {
      const before = seen.get(one);
      if (before?.task !== task) seen.set(one, { task, looks: 1 });
      else if ((before.looks += 1) > MOST_LOOKS) await giveUp(one);
    }
    await new Promise((resolve) => setTimeout(resolve, PAUSE));
  }
}

export async function isQuiet(onStage: readonly Open[]): Promise<boolean> {
  return (await tasksUnderWay(onStage)).length === 0;
}

async function tasksUnderWay(onStage: readonly Open[]) {
  const tasks = await Promise.all(onStage.filter(isOpen).map(async (one) => ({ one, task: await taskUnderWay(one) })));
  return tasks.flatMap(({ one, task }) => (task === undefined ? [] : [{ one, task }]));
}

/** Leaves a delivery alone that has ended since the look: its task was not lost. */
export async function giveUp(one: Open): Promise<void> {
  one.state.now = 'lost';
  if (!(await terminate(one))) one.state.now = 'ended';
}

/** False: the delivery has ended by itself. */
export async function terminate({ handle }: Open): Promise<boolean> {
  try {
    await handle.terminate();
    return true;
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return false;
    throw error;
  }
}

/**
 * False if the server rejected the answer to a workflow task (see ./clockwork.ts). Such a history can't be replayed.
 */
export function isWhole({ events }: History): boolean {
  return (events ?? []).every((event, index) => {
    if (!event.workflowTaskStartedEventAttributes) return true;
    const next = events?.[index + 1];
    return Boolean(
      next === undefined ||
      next.workflowTaskCompletedEventAttributes ||
      next.workflowTaskFailedEventAttributes ||
      next.workflowTaskTimedOutEventAttributes,
    );
  });
}

/**
 * True if the test server has forgotten an activity that was cancelled while it waited for its next attempt. The activity
 * then outlives its scheduleToClose timeout. A real server cancels it at once.
 */
export function hasForgottenActivity({ events }: History): boolean {
  const all = events ?? [];
  const end = secondsOf(all.at(-1)?.eventTime);
  return all.some(({ activityTaskCancelRequestedEventAttributes: cancelled }) => {
    const scheduled = all.find(({ eventId }) => eventId?.eq(cancelled?.scheduledEventId ?? 0));
    const limit = scheduled?.activityTaskScheduledEventAttributes?.scheduleToCloseTimeout;
    if (cancelled === undefined || cancelled === null || limit === undefined || limit === null) return false;
    const isOver = end > secondsOf(scheduled?.eventTime) + secondsOf(limit) + 1;
    return isOver && !all.some((event) => endedActivityOf(event)?.eq(cancelled.scheduledEventId ?? 0));
  });
}

const secondsOf = (time: { readonly seconds?: unknown } | null | undefined) => Number(time?.seconds ?? 0);

function endedActivityOf(event: NonNullable<History['events']>[number]) {
  return (
    event.activityTaskCanceledEventAttributes ??
    event.activityTaskCompletedEventAttributes ??
    event.activityTaskFailedEventAttributes ??
    event.activityTaskTimedOutEventAttributes
  )?.scheduledEventId;
}

/** Identifies the workflow task that is scheduled or running. undefined: there is none. */
async function taskUnderWay({ handle }: Open): Promise<string | undefined> {
  const { events } = await handle.fetchHistory();
  const last = events?.findLast(
    (event) => event.workflowTaskScheduledEventAttributes ?? event.workflowTaskCompletedEventAttributes,
  );
  if (!last?.workflowTaskScheduledEventAttributes) return undefined;
  return `${String(last.eventId)}/${String(events?.length)}`;
}
