/** A request that is answered with an error. Its message goes to the sender: it never repeats what was sent. */
export class WebhookError extends Error {
  override readonly name = 'WebhookError';
  readonly httpStatus: number;
  readonly code: WebhookErrorCode;

  /** `httpStatus`: another than the code's own, such as a forward target's. */
  constructor(code: WebhookErrorCode, httpStatus?: number) {
    const [usual, message] = ERRORS[code];
    super(message);
    this.httpStatus = httpStatus ?? usual;
    this.code = code;
  }
}

/** Every error the webhook answers: the HTTP status, and what it says. */
const ERRORS = {
  MALFORMED: [400, 'the body is not what this address takes'],
  BAD_REQUEST: [400, 'the request can not be read'],
  SIGNATURE_INVALID: [401, 'the signature is missing or wrong'],
  CLIENT_TOKEN_INVALID: [403, 'the clientToken is not known here'],
  NOT_FOUND: [404, 'there is nothing at this address'],
  METHOD_NOT_ALLOWED: [405, 'this address takes POST only'],
  BODY_TOO_LARGE: [413, 'the body is too large'],
  UNSUPPORTED_MEDIA_TYPE: [415, 'this address takes another content type'],
  INTERNAL: [500, 'an unexpected error'],
  FORWARD_REFUSED: [502, 'whoever takes such events did not accept it'],
  FORWARD_UNAVAILABLE: [503, 'whoever takes such events could not be reached'],
  TEMPORAL_UNAVAILABLE: [503, 'the event could not be stored; send it again'],
  OVERLOADED: [503, 'too much at one time; send it again'],
} as const satisfies Record<string, readonly [number, string]>;
export type WebhookErrorCode = keyof typeof ERRORS;
