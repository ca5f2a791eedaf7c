import type { WorkflowClient } from '@temporalio/client';
import type { WebhookConfig } from '../config/webhook-config.js';
import { createOptOuts } from '../opt-out/opt-outs.js';
import { parseHashKeys, recipientHashes } from '../opt-out/recipient-hash.js';
import type { WebhookOptions } from '../webhook/build-server.js';
import { createDeliverySignals } from '../webhook/delivery-signals.js';

/**
 * All that the webhook does in Temporal: deliveries, and opt-outs if there is a RECIPIENT_HASH_KEY. docs/encryption.md lists
 * the calls for an authorizer. `timeoutMs` bounds each.
 */
export function temporalPorts(
  client: WorkflowClient,
  { taskQueue, recipientHashKey, agents }: Pick<WebhookConfig, 'taskQueue' | 'recipientHashKey' | 'agents'>,
  timeoutMs: number,
): Pick<WebhookOptions, 'deliveries' | 'optOuts'> {
  if (recipientHashKey === undefined) return { deliveries: createDeliverySignals({ client, timeoutMs }) };
  const keys = parseHashKeys(recipientHashKey);
  return {
    deliveries: createDeliverySignals({
      client,
      timeoutMs,
      recipientHashes: (number) => recipientHashes(number, keys),
    }),
    optOuts: createOptOuts({ client, taskQueue, recipientHashKey, agents, timeoutMs }),
  };
}
