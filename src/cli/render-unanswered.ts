import type { DeliverySummary } from '../client/list-deliveries.js';
import { factLines } from './render-status.js';
import { relativeTime } from './relative-time.js';
import { painter } from './terminal.js';

export interface RenderUnansweredOptions {
  readonly summary: DeliverySummary;
  /** Epoch milliseconds. */
  readonly now: number;
  readonly colour: boolean;
}

/** What Temporal itself knows of a delivery that no worker speaks for. */
export function renderUnanswered({ summary, now, colour }: RenderUnansweredOptions): string {
  const { workflowId, executionStatus, status, expireTime, startTime } = summary;
  const paint = painter(colour);
  const at = (time: string) => `${time} (${relativeTime(Date.parse(time) - now)})`;
  const facts: [string, string | undefined][] = [
    ['delivery', workflowId],
    ['started', at(startTime)],
    ['last told', status],
    ['expires', expireTime && at(expireTime)],
  ];
  return [paint('bold', executionStatus), ...factLines(facts, paint)].join('\n');
}
