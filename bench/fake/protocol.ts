/** What a request to the fake is. `bare` is the POST of the bare workflow's activity. */
export type RequestKind = 'create' | 'delete' | 'sms' | 'callback' | 'bare';

/** One request that reached the fake. */
export interface SeenRequest {
  readonly kind: RequestKind;
  /** The messageId, or the id of the bare workflow. */
  readonly id: string;
  /** Epoch milliseconds, by the machine's clock. */
  readonly at: number;
}

/** From the fake to the bench, over Node's IPC channel. */
export type FromFake =
  | { readonly type: 'listening'; readonly port: number }
  | { readonly type: 'requests'; readonly requests: readonly SeenRequest[] };

/** From the bench to the fake: requests of this kind get no answer from now on; null: each gets its answer again. */
export interface ToFake {
  readonly type: 'hang';
  readonly kind: RequestKind | null;
}

/** A create to a number that begins so is answered with 404: the phone has no RCS. */
export const NO_RCS_PREFIX = '+1556';
