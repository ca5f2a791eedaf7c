import { isOpen, type Open } from './delivery.js';

/** A worker answers a workflow task within milliseconds, even on a busy machine within seconds. Milliseconds. */
const PATIENCE = 4_000;

/** Resolves once no workflow task is under way. One that stays for too long is lost (see ./clockwork.ts), and so is its delivery. */
export async function untilQuiet(onStage: readonly Open[]): Promise<void> {
  const since = new Map<Open, { readonly task: string; readonly at: number }>();
  for (;;) {
    const tasks = await Promise.all(
      onStage.filter(isOpen).map(async (one) => ({ one, task: await taskUnderWay(one) })),
    );
    const waiting = tasks.flatMap(({ one, task }) => (task === undefined ? [] : [{ one, task }]));
    if (waiting.length === 0) return;
    const now = performance.now();
    for (const { one, task } of waiting) {
      const seen = since.get(one);
      if (seen?.task !== task) since.set(one, { task, at: now });
      else if (now - seen.at > PATIENCE) await giveUp(one);
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

async function giveUp({ state, handle }: Open): Promise<void> {
  state.now = 'lost';
  await handle.terminate();
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
