import { setTimeout as delay } from 'node:timers/promises';
import type { ConnectionLike } from '@temporalio/client';
import type { MetricMeter } from '@temporalio/common';
import { MINUTE, SECOND } from '../contract/duration.js';
import { WORKFLOW_TYPE } from '../contract/ids.js';
import { METRICS } from '../contract/metrics.js';
import type { Logger } from '../observability/logger.js';
import { withDeadline } from '../temporal/deadline.js';

export interface OpenDeliveriesOptions {
  readonly connection: Pick<ConnectionLike, 'workflowService' | 'withDeadline'>;
  readonly namespace: string;
  readonly meter: Pick<MetricMeter, 'createGauge'>;
  readonly logger: Pick<Logger, 'warn'>;
  /** Ends it. */
  readonly signal: AbortSignal;
  /** About how often Temporal is asked, in milliseconds. Default: a minute. */
  readonly everyMs?: number;
  /** For each count, in milliseconds. */
  readonly timeoutMs?: number;
}

/**
 * Until `signal` aborts, asks Temporal's index about once a minute how many deliveries are open, and how many of them are
 * past their expiry. Every process shows the same two numbers, so take their `max`. Without an answer both are NaN, since
 * an old number or 0 would be wrong. Never rejects.
 */
export async function measureOpenDeliveries(options: OpenDeliveriesOptions): Promise<void> {
  const { meter, logger, signal, everyMs = MINUTE } = options;
  const gauge = ({ name, help }: { readonly name: string; readonly help: string }) =>
    meter.createGauge(name, 'float', undefined, help);
  const [open, pastExpiry] = [gauge(METRICS.open), gauge(METRICS.pastExpiry)];
  let known = true;
  // Many workers may start at the same time.
  let pause = (everyMs / 4) * Math.random();
  for (; await passes(pause, signal); pause = everyMs * (0.5 + Math.random())) {
    const counts = await countOpen(options).catch((error: unknown) => {
      if (known && !signal.aborted) logger.warn({ error }, 'open deliveries cannot be counted');
    });
    known = counts !== undefined;
    open.set(counts?.open ?? NaN);
    pastExpiry.set(counts?.pastExpiry ?? NaN);
  }
}

/** False if `signal` aborted. */
async function passes(ms: number, signal: AbortSignal): Promise<boolean> {
  return delay(ms, true, { signal, ref: false }).catch(() => false);
}

async function countOpen({ connection, namespace, signal, timeoutMs = 5 * SECOND }: OpenDeliveriesOptions) {
  const count = async (condition = '') => {
    const query = `WorkflowType = '${WORKFLOW_TYPE}' AND ExecutionStatus = 'Running'${condition}`;
    const answer = await withDeadline(connection, { timeoutMs, signal }, () =>
      connection.workflowService.countWorkflowExecutions({ namespace, query }),
    );
    return Number(answer.count);
  };
  const now = new Date().toISOString();
  return { open: await count(), pastExpiry: await count(` AND ExpireTime < '${now}'`) };
}
