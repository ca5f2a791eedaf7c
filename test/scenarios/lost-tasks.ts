import type { temporal } from '@temporalio/proto';
import { isOpen, type Open } from './delivery.js';

type History = temporal.api.history.v1.IHistory;

/**
 * A worker answers a workflow task within milliseconds, once no activity is running (a local one is part of its task). So
 * many looks, not seconds: on a busy machine the looks take longer, too.
 */
const PATIENCE = 20;
const PAUSE = 100;

/** Resolves once no workflow task is under way. One that stays for too long is lost (see ./clockwork.ts), and so is its delivery. */
export async function untilQuiet(onStage: readonly Open[], isBusy: () => boolean): Promise<void> {
  const seen = new Map<Open, { readonly task: string; looks: number }>();
  for (;;) {
    const tasks = await Promise.all(
      onStage.filter(isOpen).map(async (one) => ({ one, task: await taskUnderWay(one) })),
    );
    const waiting = tasks.flatMap(({ one, task }) => (task === undefined ? [] : [{ one, task }]));
    if (waiting.length === 0) return;
    if (isBusy()) seen.clear();
    for (const { one, task } of waiting) {
      const before = seen.get(one);
      if (before?.task !== task) seen.set(one, { task, looks: 1 });
      else if ((before.looks += 1) > PATIENCE) await giveUp(one);
    }
    await new Promise((resolve) => setTimeout(resolve, PAUSE));
  }
}

export async function giveUp({ state, handle }: Open): Promise<void> {
  state.now = 'lost';
  await handle.terminate();
}

/**
 * False when the answer of a workflow task is missing: the server has refused it, and gone on with the next. No worker can
 * replay such a history.
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

/** What a worker is asked to do, or is doing: the same text as long as it is the same task. */
async function taskUnderWay({ handle }: Open): Promise<string | undefined> {
  const { events } = await handle.fetchHistory();
  const last = events?.findLast(
    (event) => event.workflowTaskScheduledEventAttributes ?? event.workflowTaskCompletedEventAttributes,
  );
  if (!last?.workflowTaskScheduledEventAttributes) return undefined;
  return `${String(last.eventId)}/${String(events?.length)}`;
}
