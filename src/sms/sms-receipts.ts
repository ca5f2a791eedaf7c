/** What became of an SMS. Each provider maps its own states to these. */
export type SmsReceiptStatus = 'SENT' | 'DELIVERED' | 'UNDELIVERED';

/** One call of a gateway to the webhook, exactly as it came: signatures cover bytes. */
export interface SmsCallback {
  /** Names in lower case, as Node gives them. */
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  /** Path and query, not decoded. */
  readonly url: string;
  readonly body: Buffer;
}

export interface SmsReceipt {
  readonly kind: 'receipt';
  /** The `reference` that the SMS was sent with; undefined when the callback names none. */
  readonly reference: string | undefined;
  /** Undefined: the gateway reports a state that changes nothing, such as "queued". */
  readonly status: SmsReceiptStatus | undefined;
  /** The gateway's word for the state, if its protocol does not have that word. The webhook counts it and warns of it. */
  readonly unknownStatus?: string | undefined;
  /** The same on every repetition of a receipt. Not empty. */
  readonly eventId: string;
  /** The gateway's own time, RFC 3339. Undefined or not a time: the time of arrival counts. */
  readonly sendTime?: string | undefined;
  /**
   * The gateway says that the person stopped this sender's SMS: the number, E.164, and the gateway's own code. It counts
   * beside a `status`.
   */
  readonly optedOut?: { readonly recipient: string; readonly code: string } | undefined;
}

/** What one callback says. The webhook turns it into a signal or an HTTP status. */
export type SmsCallbackReading =
  | SmsReceipt
  /**
   * The signature is right, but the content is no receipt. Answered 200, since a repetition can't help. The `reason` is
   * logged, so it must not quote the content.
   */
  | { readonly kind: 'unreadable'; readonly reason?: string }
  /** The signature is missing or wrong. Answered 401. */
  | { readonly kind: 'unsigned' }
  /** The call can't be read far enough to find its signature. Answered 400. */
  | { readonly kind: 'malformed' };

/** A provider's receipts: verifies and parses one callback at a time. Knows neither Temporal nor the HTTP server. */
export interface SmsReceipts {
  /** The only content type that callbacks may have. Others are answered 415. */
  readonly contentType: 'application/json' | 'application/x-www-form-urlencoded';
  /** Verifies first, then parses. If it throws, the answer is 500, so that the gateway repeats the callback. */
  read(callback: SmsCallback): SmsCallbackReading | Promise<SmsCallbackReading>;
}
