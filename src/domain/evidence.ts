import type { Instant, Plan } from './plan.js';

/** Everything that happens to a delivery is a piece of evidence: what was learned, and when the workflow learned it. */
export type Evidence = { readonly at: Instant } & (
  WorkflowEvidence | AnswerEvidence | EventEvidence | OperatorEvidence | TimerEvidence
);

/** An Evidence without its time, of whichever kind. */
export type Finding = Evidence extends infer E ? (E extends Evidence ? Omit<E, 'at'> : never) : never;

/** What the workflow itself began. */
export type WorkflowEvidence =
  | { readonly kind: 'sendStarted'; readonly how: 'local' | 'normal'; readonly platformExpiresAt: Instant }
  | { readonly kind: 'sendStopRequested' | 'revokeStarted' | 'smsRequested' | 'smsStopRequested' }
  | { readonly kind: 'smsReconciliationStarted' }
  /** The first workflow task was tried before, perhaps by a worker that sent the message and died: it left no other trace. */
  | { readonly kind: 'mayHaveBeenSent' };

/** How the actions ended. `reason`: a refusal's status and code, such as `503 UNAVAILABLE`, or {@link NOT_SENT} and why. */
export type AnswerEvidence =
  | {
      readonly kind: 'sendAnswered';
      readonly answer: SendAnswer;
      readonly mayBeQueued: boolean;
      readonly retryAfter?: number;
      readonly reason?: string;
    }
  | {
      readonly kind: 'revokeAnswered';
      readonly answer: RevokeAnswer;
      readonly retryAfter?: number;
      readonly reason?: string;
    }
  | {
      readonly kind: 'smsAnswered';
      readonly answer: SmsAnswer;
      /** The provider's idempotency key makes another attempt harmless. */
      readonly repeatable?: boolean;
      readonly retryAfter?: number;
      readonly reason?: string;
      readonly provider?: string;
      readonly providerMessageId?: string;
    }
  | {
      readonly kind: 'smsReconciled';
      /** `unknown`: the provider did not tell. */
      readonly found: 'yes' | 'no' | 'repeatable' | 'unknown';
      readonly provider?: string;
      readonly providerMessageId?: string;
    };

/** Begins the reason of what never reached RBM. */
export const NOT_SENT = 'not sent';

/**
 * accepted: 2xx, or 409 (an earlier attempt was) · notFound: 404 · refused: 400 · denied: 403 ·
 * failed: anything a later attempt may change · stopped: called off before it was accepted.
 */
export type SendAnswer = 'accepted' | 'notFound' | 'refused' | 'denied' | 'failed' | 'stopped';

/** revoked: 2xx · notFound: 404 · refused: another 4xx, so nothing was done · failed: 5xx · unanswered: nothing came. */
export type RevokeAnswer = 'revoked' | 'notFound' | 'refused' | 'failed' | 'unanswered';

/** refused: never will be · notSent: surely not now · notStarted: never left the task queue · unanswered: may have been sent. */
export type SmsAnswer = 'accepted' | 'refused' | 'notSent' | 'notStarted' | 'unanswered';

/** What RBM's webhook and the SMS provider's receipts said. */
export type EventEvidence =
  | { readonly kind: RbmEventKind; readonly eventId: string; readonly sendTime: string }
  | {
      readonly kind: 'smsStatus';
      readonly status: 'SENT' | 'DELIVERED' | 'UNDELIVERED';
      readonly eventId: string;
      readonly sendTime: string;
    };
export type RbmEventKind = 'delivered' | 'read' | 'replied' | 'ttlExpirationRevoked' | 'ttlExpirationRevokeFailed';

export type OperatorEvidence =
  | { readonly kind: 'revokeRequested'; readonly reason: string; readonly fallback: 'sms' | 'none' }
  | { readonly kind: 'expiryChanged'; readonly expiresAt: Instant }
  | { readonly kind: 'cancelRequested' };

/** A wait ended much later than it should have: this system or Temporal was down, so events may still be on their way. */
export type TimerEvidence = { readonly kind: 'wokeLate'; readonly due: Instant };

export interface Delivery {
  readonly plan: Plan;
  /** In the order in which the workflow learned it. */
  readonly evidence: readonly Evidence[];
}

/** The members of the union whose kind is, or may be, K. */
type Of<Member, K> = Member extends { readonly kind: infer Kind }
  ? [Kind & K] extends [never]
    ? never
    : Member
  : never;
export type EvidenceOf<K extends Evidence['kind']> = Of<Evidence, K> & { readonly kind: K };

export function allOf<K extends Evidence['kind']>({ evidence }: Delivery, ...kinds: K[]): EvidenceOf<K>[] {
  return evidence.filter((item): item is EvidenceOf<K> => kinds.some((kind) => kind === item.kind));
}

export function lastOf<K extends Evidence['kind']>(delivery: Delivery, ...kinds: K[]): EvidenceOf<K> | undefined {
  return allOf(delivery, ...kinds).at(-1);
}

export function has(delivery: Delivery, ...kinds: Evidence['kind'][]): boolean {
  return delivery.evidence.some(({ kind }) => kinds.includes(kind));
}

/** True while the last `started` has no `answered` after it. */
export function isRunning(delivery: Delivery, started: Evidence['kind'], answered: Evidence['kind']): boolean {
  return lastOf(delivery, started, answered)?.kind === started;
}
