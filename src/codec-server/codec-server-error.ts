/** A request that is answered with an error. Its message goes to the sender: it never repeats what was sent. */
export class CodecServerError extends Error {
  override readonly name = 'CodecServerError';
  readonly httpStatus: number;
  readonly code: CodecServerErrorCode;

  constructor(code: CodecServerErrorCode) {
    const [httpStatus, message] = ERRORS[code];
    super(message);
    this.httpStatus = httpStatus;
    this.code = code;
  }
}

/** The HTTP status of each error, and what it says. Those of a payload are in ../encryption/payload-decryption-error.ts. */
const ERRORS = {
  MALFORMED: [400, 'the body is not {"payloads": [...]} as the codec protocol has it'],
  BAD_REQUEST: [400, 'the request can not be read'],
  UNAUTHENTICATED: [401, 'a known bearer token is needed'],
  ORIGIN_NOT_ALLOWED: [403, 'pages of this origin may not decode'],
  NOT_FOUND: [404, 'there is nothing here but POST /decode'],
  BODY_TOO_LARGE: [413, 'the body is too large'],
  UNSUPPORTED_MEDIA_TYPE: [415, 'the body must be application/json'],
  TOO_MANY_REQUESTS: [429, 'too many requests; try again in a second'],
  INTERNAL: [500, 'an unexpected error'],
} as const satisfies Record<string, readonly [number, string]>;
export type CodecServerErrorCode = keyof typeof ERRORS;
