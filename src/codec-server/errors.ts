import type { FastifyReply } from 'fastify';
import { PayloadDecryptionError } from '../encryption/payload-decryption-error.js';
import type { Logger } from '../observability/logger.js';
import { sparsely } from '../observability/sparsely.js';

/** A request that is answered with an error. The message goes to the caller and never repeats the request. */
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

/** The HTTP status and message of each code. Codes for payloads are in ../encryption/payload-decryption-error.ts. */
const ERRORS = {
  MALFORMED: [400, 'the body is not {"payloads": [...]} as the codec protocol has it'],
  BAD_REQUEST: [400, 'the request can not be read'],
  UNAUTHENTICATED: [401, 'a known bearer token is needed'],
  // Not 501: the Web UI and the CLI repeat what was answered with 5xx.
  DECODES_ONLY: [
    405,
    'this codec server decodes only: a start, signal or update from here would not be encrypted; use `rcs-delivery send`, another command of it, or a client with the keys',
  ],
  ORIGIN_NOT_ALLOWED: [403, 'pages of this origin may not decode'],
  NOT_FOUND: [404, 'there is nothing here but POST /decode, /healthz and /readyz'],
  BODY_TOO_LARGE: [413, 'the body is too large'],
  UNSUPPORTED_MEDIA_TYPE: [415, 'the body must be application/json in UTF-8, not compressed'],
  TOO_MANY_REQUESTS: [429, 'too many requests; try again in a second'],
  INTERNAL: [500, 'an unexpected error'],
} as const satisfies Record<string, readonly [number, string]>;
export type CodecServerErrorCode = keyof typeof ERRORS;

export type AnswerError = (error: unknown, reply: FastifyReply) => FastifyReply;

/** Returns a function that answers with `{code, message}`. Of the request, a message repeats only a key's id. */
export function createAnswerError(log: Pick<Logger, 'warn' | 'error'>): AnswerError {
  const refused = sparsely<CodecServerErrorCode>((leftOut, code) => {
    log.warn({ code, leftOut }, 'refused');
  });
  return (error, reply) => answer(error, reply, { log, refused });
}

function answer(
  error: unknown,
  reply: FastifyReply,
  { log, refused }: { readonly log: Pick<Logger, 'error'>; readonly refused: (code: CodecServerErrorCode) => void },
): FastifyReply {
  if (error instanceof PayloadDecryptionError) {
    return reply.code(400).send({ code: error.code, message: error.message });
  }
  const { code, message, httpStatus } = error instanceof CodecServerError ? error : new CodecServerError(codeOf(error));
  if (code === 'DECODES_ONLY') reply.header('allow', 'OPTIONS');
  if (code === 'UNAUTHENTICATED') reply.header('www-authenticate', 'Bearer');
  if (code === 'TOO_MANY_REQUESTS') reply.header('retry-after', '1');
  if (code === 'UNAUTHENTICATED' || code === 'ORIGIN_NOT_ALLOWED') refused(code);
  // The error's message might quote the request, so only its name is logged.
  if (code === 'INTERNAL') log.error({ error: error instanceof Error ? error.name : typeof error }, 'unexpected error');
  return reply.code(httpStatus).send({ code, message });
}

/** The code for an error that Fastify throws before a handler runs. */
function codeOf(error: unknown): CodecServerErrorCode {
  const status = error instanceof Error && 'statusCode' in error ? error.statusCode : undefined;
  if (status === 413) return 'BODY_TOO_LARGE';
  if (status === 415) return 'UNSUPPORTED_MEDIA_TYPE';
  return typeof status === 'number' && status >= 400 && status < 500 ? 'BAD_REQUEST' : 'INTERNAL';
}
