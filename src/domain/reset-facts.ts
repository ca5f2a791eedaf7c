import type { Evidence } from './evidence.js';

/** What is known of resets of this delivery's workflow. */
export interface Reset {
  /** `due`: what the run before had learned has to be looked up before anything is decided. */
  readonly lookBack: 'none' | 'due' | 'underWay' | 'done';
  /** How many resets were noticed. */
  readonly noticed: number;
  /** The run that looked back last. */
  readonly runId: string | undefined;
  /** How many notifications the runs before had sent. */
  readonly notifications: number;
}

export const initialReset: Reset = { lookBack: 'none', noticed: 0, runId: undefined, notifications: 0 };

export function evolveReset(reset: Reset, item: Evidence): Reset {
  if (item.kind === 'resetNoticed') return { ...reset, lookBack: 'due', noticed: reset.noticed + 1 };
  if (item.kind === 'lookBackStarted') return { ...reset, lookBack: 'underWay' };
  if (item.kind !== 'lookedBack') return reset;
  const before = item.found === 'unreadable' ? reset.notifications : 0;
  const notifications = Math.max(reset.notifications, before + item.notifications);
  return { ...reset, lookBack: 'done', runId: item.runId, notifications };
}
