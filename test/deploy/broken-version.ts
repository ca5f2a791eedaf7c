export { messageNotification } from '../../src/workflows/message-notification.js';
export { optOut } from '../../src/workflows/opt-out.js';

/** A release whose workflow tasks fail at once. */
export function messageDelivery(): never {
  throw new Error('this release is broken');
}
