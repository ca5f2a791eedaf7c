export { messageDelivery } from './message-delivery.js';
export { messageNotification } from './message-notification.js';
