import type { SmsReason } from '../contract/failures.js';

export type SmsErrorKind =
  /** Permanent: no gateway will ever accept this SMS. */
  | 'refused'
  /** Temporary: certainly not sent. An operator can correct it, it passes, or another provider can send the SMS. */
  | 'notSent'
  /** It may have been sent. */
  | 'unanswered';

/** What follows from each reason. An SMS that is about the person or the text is the same SMS at every provider. */
const KINDS = {
  recipient: 'refused',
  optedOut: 'refused',
  content: 'refused',
  account: 'notSent',
  sender: 'notSent',
  unreachable: 'notSent',
  throttled: 'notSent',
} as const satisfies Readonly<Record<SmsReason, SmsErrorKind>>;

const plain = (word: string): string => word.toLowerCase().replaceAll(/[\s_-]+/g, '');
const REASONS = new Map((Object.keys(KINDS) as SmsReason[]).map((reason) => [plain(reason), reason]));

/** Reads a reason in whatever letter case, with spaces around it, or with spaces, `-` or `_` between its words. */
export const readSmsReason = (word: string): SmsReason | undefined => REASONS.get(plain(word));

/** Why the SMS was certainly not accepted, or that nobody knows whether it was. */
export type SmsErrorCause =
  | { readonly reason: SmsReason; readonly kind?: never }
  | { readonly kind: 'unanswered'; readonly reason?: never };

export type SmsErrorFields = SmsErrorCause & {
  readonly message: string;
  readonly httpStatus?: number | undefined;
  readonly code?: string | undefined;
  readonly retryAfterMs?: number | undefined;
  readonly unknownReason?: string | undefined;
};

/** A failed call. Its message may name a status, a code or a fault, but never a number, a text, a secret or a URL. */
export class SmsError extends Error {
  override readonly name = 'SmsError';
  readonly kind: SmsErrorKind;
  /** Why the provider did not accept the SMS. Undefined if it did not answer. */
  readonly reason: SmsReason | undefined;
  readonly httpStatus: number | undefined;
  /** The provider's own code, such as Twilio's `21610`. */
  readonly code: string | undefined;
  /** The wait that the provider asked for, in milliseconds. */
  readonly retryAfterMs: number | undefined;
  /** The provider's own word for the reason, if its protocol does not have that word; empty if a log must not hold it. */
  readonly unknownReason: string | undefined;

  constructor({ reason, message, httpStatus, code, retryAfterMs, unknownReason }: SmsErrorFields) {
    super(message);
    this.kind = reason === undefined ? 'unanswered' : KINDS[reason];
    this.reason = reason;
    this.httpStatus = httpStatus;
    this.code = code;
    this.retryAfterMs = retryAfterMs;
    this.unknownReason = unknownReason;
  }
}
