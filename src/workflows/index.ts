export { messageDelivery } from './message-delivery.js';
