/** Stable: compare with these, never with a message. */
export type DeliveryErrorCode =
  | 'INVALID_INPUT'
  | 'CONFLICT'
  | 'DELIVERY_NOT_FOUND'
  | 'DELIVERY_CLOSED'
  | 'DELIVERY_FAILED'
  | 'UPDATE_REJECTED'
  | 'NO_WORKER'
  | 'TEMPORAL_UNAVAILABLE'
  | 'TEMPORAL_REFUSED';

/** The base of every error that the client throws. No message holds a phone number, a text or a secret. */
export abstract class DeliveryError extends Error {
  abstract readonly code: DeliveryErrorCode;

  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = new.target.name;
  }
}
