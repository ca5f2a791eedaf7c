import type { EndReason, RcsSummary } from '../contract/status.js';
import type { ProofKind, RevokeAnswered, SendAnswered, TtlEventKind } from './evidence.js';
import type { Instant, Plan } from './plan.js';

/** What is known of RBM's copy of the message. The order of the evidence is already accounted for. */
export interface Rcs {
  /** The create call: not made yet, under way, under way but called off, or ended. */
  readonly create: 'none' | 'underWay' | 'calledOff' | 'ended';
  /** The last create call: how it is attempted, and the expireTime that RBM was given. */
  readonly created: { readonly how: 'local' | 'normal'; readonly platformExpiresAt: Instant } | undefined;
  readonly createAnswers: { readonly total: number; readonly denied: number; readonly accepted: boolean };
  readonly lastCreate: (SendAnswered & { readonly at: Instant }) | undefined;
  /** RBM has the message, or may have it. */
  readonly mayBeQueued: boolean;
  /** When the last create that may have queued the message ended. */
  readonly queuedAt: Instant | undefined;
  /** The latest expireTime that RBM may have of the message: after it, RBM has dropped it by itself. */
  readonly queuedUntil: Instant | undefined;
  /** Another run of this message, whose history is gone, had it accepted. What else it did is not known. */
  readonly sentByAnotherRun: boolean;
  /** What the run before a reset had learned can't be read: nothing is created again. */
  readonly isUnreadable: boolean;
  readonly summary: RcsSummary | undefined;

  /** When the DELETE that is under way was started. */
  readonly deletingSince: Instant | undefined;
  readonly deleteAnswers: number;
  readonly lastDelete: (RevokeAnswered & { readonly at: Instant }) | undefined;
  /** A create may have queued the message since the last DELETE was started. */
  readonly queuedSinceDelete: boolean;
  /**
   * One more DELETE is needed: since the last one started, a create may have queued the message; or since its answer,
   * the delivery was cancelled.
   */
  readonly needsDelete: boolean;
  /** When a DELETE was answered 200; undefined if none was, or if later evidence contradicts it. */
  readonly deletedAt: Instant | undefined;

  readonly ttlExpirationRevokedAt: Instant | undefined;
  readonly ttlExpirationRevokeFailedAt: Instant | undefined;
  /** The ids of RBM's TTL events. */
  readonly ttlEvents: Readonly<Record<TtlEventKind, readonly string[]>>;

  /** When the first proof of delivery came: DELIVERED, READ or a reply. It beats all other evidence. */
  readonly provedAt: Instant | undefined;
  readonly proofs: readonly ProofKind[];
  /** Something shows that a request reached RBM. */
  readonly reachedRbm: boolean;
  /** Something shows that a request did not reach RBM. */
  readonly failedToReachRbm: boolean;

  /** The expiry that counts: the caller's, or the last one that an operator set. */
  readonly expiresAt: Instant;
  readonly expiryChanged: boolean;
  /** When something else than the expiry first made the revocation due, and what that was. */
  readonly revokeEarly: { readonly at: Instant; readonly reason: EndReason } | undefined;
  /** The `fallback` of the last revokeNow. */
  readonly revokeRequested: 'sms' | 'none' | undefined;
  readonly cancelledAt: Instant | undefined;
  /** An opt-out of the person stops the message. */
  readonly honorsOptOut: boolean;
  /** When the delivery heard that the person had opted out. That counts once `honorsOptOut` is true. */
  readonly optOutHeardAt: Instant | undefined;
  /** When the delivery learned that the person had opted out of such messages. */
  readonly optedOutAt: Instant | undefined;
  /** How many events came from another number than the recipient's. */
  readonly otherSenders: number;
}

export const initialRcs = (plan: Plan): Rcs => ({
  create: 'none',
  created: undefined,
  createAnswers: { total: 0, denied: 0, accepted: false },
  lastCreate: undefined,
  mayBeQueued: false,
  queuedAt: undefined,
  queuedUntil: undefined,
  sentByAnotherRun: false,
  isUnreadable: false,
  summary: undefined,
  deletingSince: undefined,
  deleteAnswers: 0,
  lastDelete: undefined,
  queuedSinceDelete: false,
  needsDelete: false,
  deletedAt: undefined,
  ttlExpirationRevokedAt: undefined,
  ttlExpirationRevokeFailedAt: undefined,
  ttlEvents: { ttlExpirationRevoked: [], ttlExpirationRevokeFailed: [] },
  provedAt: undefined,
  proofs: [],
  reachedRbm: false,
  failedToReachRbm: false,
  expiresAt: plan.expiresAt,
  expiryChanged: false,
  revokeEarly: undefined,
  revokeRequested: undefined,
  cancelledAt: undefined,
  honorsOptOut: plan.honorsOptOut,
  optOutHeardAt: undefined,
  optedOutAt: undefined,
  otherSenders: 0,
});
