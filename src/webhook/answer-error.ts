import type { FastifyReply } from 'fastify';
import { TemporalUnavailableError } from './delivery-signals.js';
import type { WebhookLog } from './edge.js';
import { OverloadedError } from './gate.js';
import { WebhookError } from './webhook-error.js';

/** Seconds. A hint: RBM backs off by its own rule. */
const RETRY_AFTER = { TEMPORAL_UNAVAILABLE: '5', OVERLOADED: '1', FORWARD_UNAVAILABLE: '5' } as const;

/** Answers with `{code, message}`; neither repeats anything of the request. */
export function answerError(error: unknown, reply: FastifyReply, log: WebhookLog): FastifyReply {
  const known = webhookErrorOf(error);
  if (known.code === 'INTERNAL') log.error(traceOf(error), 'unexpected error');
  if (known.code in RETRY_AFTER) reply.header('retry-after', RETRY_AFTER[known.code as keyof typeof RETRY_AFTER]);
  return reply.code(known.httpStatus).send({ code: known.code, message: known.message });
}

function webhookErrorOf(error: unknown): WebhookError {
  if (error instanceof WebhookError) return error;
  if (error instanceof TemporalUnavailableError) return new WebhookError('TEMPORAL_UNAVAILABLE');
  if (error instanceof OverloadedError) return new WebhookError('OVERLOADED');
  return new WebhookError(fastifyCode(error));
}

/** Fastify's own refusals, made before a handler runs. */
function fastifyCode(error: unknown) {
  const status = error instanceof Error && 'statusCode' in error ? error.statusCode : undefined;
  if (status === 413) return 'BODY_TOO_LARGE';
  if (status === 415) return 'UNSUPPORTED_MEDIA_TYPE';
  return typeof status === 'number' && status >= 400 && status < 500 ? 'BAD_REQUEST' : 'INTERNAL';
}

/** Where it happened, without the message: that may quote the request. */
function traceOf(error: unknown): { readonly error: string; readonly trace: readonly string[] } {
  if (!(error instanceof Error)) return { error: typeof error, trace: [] };
  const { stack = '', message } = error;
  // The message stands before the frames, and may look like one.
  const frames = stack.slice(stack.indexOf(message) + message.length).split('\n');
  return { error: error.name, trace: frames.map((line) => line.trim()).filter((line) => line.startsWith('at ')) };
}
