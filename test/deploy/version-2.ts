import { patched, setWorkflowOptions } from '@temporalio/workflow';
import { deliveryOptions, messageDelivery as original } from '../../src/workflows/message-delivery.js';

export { messageNotification } from '../../src/workflows/message-notification.js';
export { optOut } from '../../src/workflows/opt-out.js';

/** A later release, whose deliveries have a patch in their histories. The release before can't replay them. */
export async function messageDelivery(input: unknown) {
  patched('of version 2');
  return original(input);
}
setWorkflowOptions(deliveryOptions, messageDelivery);
