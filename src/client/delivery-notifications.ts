import type { WorkflowClient } from '@temporalio/client';
import type { DeliveryId } from '../contract/ids.js';
import { listExecutions } from '../temporal/list-executions.js';
import { temporalCall } from '../temporal/temporal-call.js';
import { workflowInput } from '../temporal/workflow-input.js';
import { DeliveryNotFoundError } from './client-errors.js';
import { notificationQuery, notificationsOfQuery, type NotificationFilter } from './notification-query.js';
import {
  describeNotification,
  unlessMissing,
  type NotificationState,
  type UnacceptedNotification,
} from './notification-state.js';
import { resetNotification } from './reset-notification.js';
import { workThrough } from './work-through.js';

/**
 * What has become of the notifications (`notify` in a delivery's input). Which ones there are comes from Temporal's index,
 * which is some seconds behind, so a new one may be missing. What is said of one comes from Temporal's own record of it.
 * Every method throws a `DeliveryError`, and none needs a worker.
 */
export interface DeliveryNotifications {
  /**
   * The notifications of one delivery that its receiver has not accepted, in their order. Throws a
   * `DeliveryNotFoundError` if Temporal keeps neither the delivery nor such a notification.
   */
  unaccepted(id: DeliveryId | string): Promise<readonly UnacceptedNotification[]>;
  /** The notifications of all deliveries that failed, those that failed last first; or those that are being retried. */
  list(filter: NotificationFilter): AsyncGenerator<UnacceptedNotification, void, undefined>;
  /**
   * Sends a failed notification again, with the same `webhook-id`, by a reset of its workflow: the worker tries for three
   * more days. Returns `sent`. If it did not fail, changes nothing and returns what has become of it. Repeating it is
   * harmless, also at the same time. `reason` goes into the workflow's history; no personal data.
   */
  sendAgain(workflowId: string, how: { readonly reason: string }): Promise<SentAgain>;
}

export type SentAgain = 'sent' | Exclude<NotificationState['state'], 'failed'>;

export interface DeliveryNotificationsOptions {
  readonly client: WorkflowClient;
  readonly timeoutMs: number;
  /** The workflow id of a delivery. Throws an `InvalidInputError`. */
  readonly workflowIdOf: (id: DeliveryId | string) => string;
}

export function createDeliveryNotifications(options: DeliveryNotificationsOptions): DeliveryNotifications {
  const { client, timeoutMs, workflowIdOf } = options;
  const call = <T>(work: () => Promise<T>) => temporalCall({ client, timeoutMs, answeredBy: 'server' }, work);
  const describe = (workflowId: string) => call(() => describeNotification(client, workflowId));

  /** The workflow ids that Temporal lists for a query, each of them once. */
  async function* listed(query: string) {
    const seen = new Set<string>();
    const runs = listExecutions(client, { query, timeoutMs });
    for (;;) {
      // A step that fetches a page makes one call. The others make none.
      const next = await call(() => runs.next());
      if (next.done === true) return;
      const workflowId = next.value.execution?.workflowId ?? '';
      if (seen.has(workflowId)) continue;
      seen.add(workflowId);
      yield workflowId;
    }
  }

  async function* unacceptedIn(query: string) {
    for await (const result of workThrough(listed(query), describe)) {
      if (!result.ok) throw result.error;
      const { state } = result.value;
      if (state.state === 'failed' || state.state === 'pending') yield state;
    }
  }

  return {
    async unaccepted(id) {
      const delivery = workflowIdOf(id);
      const start = await call(() => startOf(client, delivery));
      // Spares Temporal's index a search for nothing.
      if (start === 'withoutNotify') return [];
      const found: UnacceptedNotification[] = [];
      for await (const one of unacceptedIn(notificationsOfQuery(delivery))) found.push(one);
      if (found.length === 0 && start === 'gone') throw new DeliveryNotFoundError(delivery);
      return found.toSorted((one, other) => one.sequence - other.sequence);
    },
    async *list(filter) {
      const { state, failedSince } = filter;
      const since = failedSince?.getTime() ?? 0;
      for await (const one of unacceptedIn(notificationQuery(filter))) {
        if (one.state !== state) continue;
        if (one.state === 'failed' ? Date.parse(one.failedTime) >= since : one.failedAttempts > 0) yield one;
      }
    },
    async sendAgain(workflowId, { reason }) {
      const { state, runId } = await describe(workflowId);
      if (state.state !== 'failed') return state.state;
      return call(() => resetNotification(client, { workflowId, runId, reason }));
    },
  };
}

/** Whether a delivery was started with `notify`. `unknown`: this client can't decrypt its input. */
async function startOf(client: WorkflowClient, delivery: string) {
  const read = workflowInput(client, delivery).then((input) => ({ input }));
  const start = await read.catch(unlessMissing);
  if (start === undefined) return 'gone';
  if (start.input === undefined) return 'unknown';
  return 'notify' in start.input && start.input.notify !== null ? 'withNotify' : 'withoutNotify';
}
