import type { FastifyReply } from 'fastify';
import { PayloadDecryptionError } from '../encryption/payload-decryption-error.js';
import type { Logger } from '../observability/logger.js';
import { sparsely } from '../observability/sparsely.js';
import { CodecServerError, type CodecServerErrorCode } from './codec-server-error.js';

export type AnswerError = (error: unknown, reply: FastifyReply) => FastifyReply;

/** Answers with `{code, message}`; neither repeats anything of the request but a key's id. */
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
  if (code === 'UNAUTHENTICATED') reply.header('www-authenticate', 'Bearer');
  if (code === 'TOO_MANY_REQUESTS') reply.header('retry-after', '1');
  if (code === 'UNAUTHENTICATED' || code === 'ORIGIN_NOT_ALLOWED') refused(code);
  // Its message might quote the request.
  if (code === 'INTERNAL') log.error({ error: error instanceof Error ? error.name : typeof error }, 'unexpected error');
  return reply.code(httpStatus).send({ code, message });
}

/** Fastify's own refusals, made before a handler runs. */
function codeOf(error: unknown): CodecServerErrorCode {
  const status = error instanceof Error && 'statusCode' in error ? error.statusCode : undefined;
  if (status === 413) return 'BODY_TOO_LARGE';
  if (status === 415) return 'UNSUPPORTED_MEDIA_TYPE';
  return typeof status === 'number' && status >= 400 && status < 500 ? 'BAD_REQUEST' : 'INTERNAL';
}
