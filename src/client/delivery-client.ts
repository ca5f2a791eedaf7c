import type { DeliveryId } from '../contract/ids.js';
import { DEFAULT_TASK_QUEUE } from '../contract/task-queues.js';
import { listOptOuts } from '../opt-out/list-opt-outs.js';
import { createOptOuts } from '../opt-out/opt-outs.js';
import { checkClient } from '../temporal/sdk-version.js';
import { temporalCall } from '../temporal/temporal-call.js';
import { assembleClient } from './assemble-client.js';
import type { DeliveryClient, DeliveryClientOptions } from './client-api.js';
import { createDeliveryHandle } from './delivery-handle.js';
import { createDeliveryNotifications } from './delivery-notifications.js';
import { listDeliveries } from './list-deliveries.js';
import { createDeliveryStarter } from './start-delivery.js';

export type { DeliveryClient, DeliveryClientOptions } from './client-api.js';
export type { StartInput } from './start-input.js';

/** Throws an {@link SdkVersionError} for a client of another version of Temporal's SDK. */
export function createDeliveryClient(options: DeliveryClientOptions): DeliveryClient {
  checkClient(options.client, 'Client');
  const { taskQueue = DEFAULT_TASK_QUEUE, timeoutMs = 10_000, searchAttributes = {}, agents } = options;
  const client = options.client.workflow;
  const { recipientHashKey } = searchAttributes || {};
  const withSearchAttributes = searchAttributes !== false;
  const ofServer = { client, timeoutMs, answeredBy: 'server' } as const;
  const deliveries = assembleClient(options, {
    startDelivery: createDeliveryStarter({ client, taskQueue, timeoutMs, recipientHashKey, withSearchAttributes }),
    handle: (id) => createDeliveryHandle({ client, id, timeoutMs }),
    list: ({ query, limit }) => listDeliveries({ client, query, timeoutMs, limit }),
    count: async ({ query }) => (await temporalCall(ofServer, () => client.count(query))).count,
    optOuts:
      recipientHashKey === undefined
        ? undefined
        : createOptOuts({ client, taskQueue, recipientHashKey, agents, timeoutMs }),
    listOptOuts: (which) => listOptOuts({ client, timeoutMs, ...which }),
  });
  const workflowIdOf = (id: DeliveryId | string) => deliveries.handle(id).workflowId;
  return { ...deliveries, notifications: createDeliveryNotifications({ client, timeoutMs, workflowIdOf }) };
}
