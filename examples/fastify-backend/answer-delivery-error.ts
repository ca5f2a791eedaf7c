import type { FastifyReply } from 'fastify';
import { DeliveryError, InvalidInputError, type DeliveryErrorCode } from 'rcs-message-delivery';

const STATUS: Readonly<Record<DeliveryErrorCode, number>> = {
  INVALID_INPUT: 400,
  DELIVERY_NOT_FOUND: 404,
  DELIVERY_CLOSED: 409,
  UPDATE_REJECTED: 409,
  DELIVERY_FAILED: 500,
  // Ours to mend, not the caller's.
  TEMPORAL_REFUSED: 500,
  NO_WORKER: 503,
  // Whether the call was carried out is not known; repeating it is harmless.
  TEMPORAL_UNAVAILABLE: 503,
};

/** Fastify's error handler. A DeliveryError's message holds no phone number and no text, so it may be shown. */
export function answerDeliveryError(error: unknown, reply: FastifyReply): FastifyReply {
  if (!(error instanceof DeliveryError)) throw error;
  const status = STATUS[error.code];
  if (status === 503) reply.header('retry-after', '1');
  const problems = error instanceof InvalidInputError ? { problems: error.problems } : {};
  return reply.code(status).send({ code: error.code, message: error.message, ...problems });
}
