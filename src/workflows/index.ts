export { messageDelivery } from './message-delivery.js';
export { messageNotification } from './message-notification.js';
export { optOut } from './opt-out.js';
