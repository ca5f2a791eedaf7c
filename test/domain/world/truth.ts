import type { Instant } from '../../../src/domain/plan.js';

/** What the phone and the providers really saw. */
export interface Truth {
  /** RBM has queued the message, however it ended. */
  queued: boolean;
  rcsDeliveredAt?: Instant;
  deletes: number;
  smsSent: number;
  /** Another run of this message had sent the SMS through the first provider. */
  sentByAnotherRun: boolean;
  /** An SMS was accepted while RBM could still deliver the message. */
  smsWhileQueued: boolean;
  /** When RBM last queued the message, and when a provider last accepted the SMS. */
  queuedAt?: Instant;
  smsSentAt?: Instant;
  /** When the SMS was last requested of a provider. */
  smsRequestedAt?: Instant;
}

export const newTruth = (): Truth => ({
  queued: false,
  deletes: 0,
  smsSent: 0,
  sentByAnotherRun: false,
  smsWhileQueued: false,
});
