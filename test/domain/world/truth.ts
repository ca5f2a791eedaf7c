import type { Instant } from '../../../src/domain/plan.js';

/** What the phone and the providers really saw. */
export interface Truth {
  /** RBM has queued the message, however it ended. */
  queued: boolean;
  rcsDeliveredAt?: Instant;
  deletes: number;
  smsSent: number;
  /** An SMS was accepted while RBM could still deliver the message. */
  smsWhileQueued: boolean;
}

export const newTruth = (): Truth => ({ queued: false, deletes: 0, smsSent: 0, smsWhileQueued: false });
