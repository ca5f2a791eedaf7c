/** For the tests of a backend that sends messages. Needs no Temporal server. */
export {
  createFakeDeliveryClient,
  type FakeDeliveryClient,
  type FakeDeliveryClientOptions,
} from './fake-delivery-client.js';
export type { SettledAs } from './fake-delivery.js';
export type { RequestedChange } from './fake-handle.js';
