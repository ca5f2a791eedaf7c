import { randomInt } from 'node:crypto';
import type { EventBody } from './rbm-events.js';

/** The value of X-Goog-Webhook-Type. It is not signed. */
export const webhookType = (event: EventBody): string => (isLaunchEvent(event) ? 'agent_callback' : 'message_callback');

/** The Pub/Sub push envelope. `message.messageId` is Pub/Sub's id; the attributes are not signed. */
export function envelope(event: EventBody, data: Buffer, now: number) {
  const id = String(randomInt(2 ** 47));
  const time = new Date(now).toISOString();
  return {
    message: {
      data: data.toString('base64'),
      messageId: id,
      message_id: id,
      publishTime: time,
      publish_time: time,
      attributes: { product: 'RBM', business_id: event['agentId'], project_number: '100000000001', ...typeOf(event) },
    },
    subscription: 'projects/rbm-simulator/subscriptions/rbm-simulator',
  };
}

const isLaunchEvent = (event: EventBody): boolean => event['newLaunchState'] !== undefined;

/** Only the launch event's attributes are documented (RBM "Receive events"). */
function typeOf(event: EventBody) {
  if (isLaunchEvent(event)) return { type: 'agent_launch_event', event_type: event['newLaunchState'] };
  if (event['text'] !== undefined) return { type: 'message', message_type: 'TEXT' };
  return { type: 'event' };
}
