import type { FastifyReply } from 'fastify';
import { DeliveryError, InvalidInputError, type DeliveryErrorCode } from 'rcs-message-delivery';

const STATUS: Readonly<Record<DeliveryErrorCode, number>> = {
  INVALID_INPUT: 400,
  CONFLICT: 409,
  DELIVERY_NOT_FOUND: 404,
  DELIVERY_CLOSED: 409,
  UPDATE_REJECTED: 409,
  DELIVERY_FAILED: 500,
  // A mistake in the backend's configuration, not in the request.
  TEMPORAL_REFUSED: 500,
  NO_WORKER: 503,
  // Temporal may have carried out the call. Repeating it is harmless.
  TEMPORAL_UNAVAILABLE: 503,
};

/** Fastify's error handler. A DeliveryError's message is safe to show: it holds no phone number and no text. */
export function answerDeliveryError(error: unknown, reply: FastifyReply): FastifyReply {
  if (!(error instanceof DeliveryError)) throw error;
  const status = STATUS[error.code];
  if (status === 503) reply.header('retry-after', '1');
  const problems = error instanceof InvalidInputError ? { problems: error.problems } : {};
  return reply.code(status).send({ code: error.code, message: error.message, ...problems });
}
