import type { DeliveryClient } from '../client/delivery-client.js';
import type { DeliveryFilter } from '../client/delivery-query.js';
import type { DeliverySummary } from '../client/list-deliveries.js';
import type { NotificationFilter } from '../client/notification-query.js';
import type { UnacceptedNotification } from '../client/notification-state.js';

/** How many deliveries one query names. */
const CHUNK = 50;

/** The deliveries that match the filter and have such a notification, those whose notification failed last first. */
export async function* byNotification(
  client: DeliveryClient,
  filter: DeliveryFilter,
  state: NotificationFilter['state'],
): AsyncGenerator<DeliverySummary, void, undefined> {
  const seen = new Set<string>();
  const notifications = client.notifications.list({ state, agentId: filter.agentId });
  for await (const { delivery } of withDeliveries(client, filter, notifications)) {
    if (seen.has(delivery.workflowId)) continue;
    seen.add(delivery.workflowId);
    yield delivery;
  }
}

export interface NotificationOfDelivery {
  readonly notification: UnacceptedNotification;
  readonly delivery: DeliverySummary;
}

/** Those of the notifications whose delivery matches the filter and is kept by Temporal, in their order. */
export async function* withDeliveries(
  client: DeliveryClient,
  filter: DeliveryFilter,
  notifications: AsyncIterable<UnacceptedNotification>,
): AsyncGenerator<NotificationOfDelivery, void, undefined> {
  // Refuses a wrong filter, also when there is no notification.
  client.query(filter);
  for await (const some of chunks(notifications)) {
    const ids = [...new Set(some.map(({ delivery }) => `'${delivery}'`))];
    const either = `WorkflowId IN (${ids.join(', ')})`;
    const query = filter.query === undefined ? either : `(${filter.query}) AND ${either}`;
    const found = new Map<string, DeliverySummary>();
    for await (const delivery of client.list({ ...filter, query })) {
      // The first one is the latest run.
      if (!found.has(delivery.workflowId)) found.set(delivery.workflowId, delivery);
    }
    for (const notification of some) {
      const delivery = found.get(notification.delivery);
      if (delivery !== undefined) yield { notification, delivery };
    }
  }
}

async function* chunks<T>(all: AsyncIterable<T>): AsyncGenerator<readonly T[], void, undefined> {
  let some: T[] = [];
  for await (const one of all) {
    some.push(one);
    if (some.length < CHUNK) continue;
    yield some;
    some = [];
  }
  if (some.length > 0) yield some;
}
