import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import type { FastifyReply } from 'fastify';
import type { Logger } from 'pino';
import { TemporalUnavailableError } from './delivery-signals.js';
import { OverloadedError } from './limiter.js';

/**
 * Every error that the webhook answers: the HTTP status and the message. No message repeats anything of the request.
 */
const ERRORS = {
  MALFORMED: [400, 'the body does not have the expected form'],
  BAD_REQUEST: [400, 'the request can not be read'],
  SIGNATURE_INVALID: [401, 'the signature is missing or wrong'],
  CLIENT_TOKEN_INVALID: [403, 'the clientToken is not known here'],
  NOT_FOUND: [404, 'there is nothing at this address'],
  METHOD_NOT_ALLOWED: [405, 'this address accepts only POST'],
  BODY_TOO_LARGE: [413, 'the body is too large'],
  UNSUPPORTED_MEDIA_TYPE: [415, 'this address accepts neither this content type nor a compressed body'],
  INTERNAL: [500, 'an unexpected error'],
  FORWARD_REFUSED: [502, 'the receiver of forwarded events refused this one'],
  FORWARD_UNAVAILABLE: [503, 'the receiver of forwarded events is not available; send the event again'],
  TEMPORAL_UNAVAILABLE: [503, 'the event could not be stored; send it again'],
  OVERLOADED: [503, 'too many requests at one time; send it again'],
} as const satisfies Record<string, readonly [number, string]>;
export type WebhookErrorCode = keyof typeof ERRORS;

/** Retry-After in seconds. It is a hint: RBM backs off by its own rule. */
const RETRY_AFTER: Partial<Record<WebhookErrorCode, string>> = {
  TEMPORAL_UNAVAILABLE: '5',
  OVERLOADED: '1',
  FORWARD_UNAVAILABLE: '5',
};

/** An error that becomes the answer to a request. */
export class WebhookError extends Error {
  override readonly name = 'WebhookError';
  readonly httpStatus: number;
  readonly code: WebhookErrorCode;

  /** `httpStatus` replaces the code's own status, for example with the one that the forward URL answered. */
  constructor(code: WebhookErrorCode, httpStatus?: number) {
    const [status, message] = ERRORS[code];
    super(message);
    this.httpStatus = httpStatus ?? status;
    this.code = code;
  }
}

/** Answers with `{code, message}`. Logs an unexpected error by its name and stack frames. */
export function answerError(error: unknown, reply: FastifyReply, log: Pick<Logger, 'error'>): FastifyReply {
  const { code, message, httpStatus } = toWebhookError(error);
  if (code === 'INTERNAL') log.error(traceOf(error), 'unexpected error');
  const retryAfter = RETRY_AFTER[code];
  if (retryAfter !== undefined) reply.header('retry-after', retryAfter);
  return reply.code(httpStatus).send({ code, message });
}

function toWebhookError(error: unknown): WebhookError {
  if (error instanceof WebhookError) return error;
  if (error instanceof TemporalUnavailableError) return new WebhookError('TEMPORAL_UNAVAILABLE');
  if (error instanceof OverloadedError) return new WebhookError('OVERLOADED');
  return new WebhookError(codeOfFastifyError(error));
}

/** The code for an error that Fastify raises before a handler runs. Any other error is INTERNAL. */
function codeOfFastifyError(error: unknown): WebhookErrorCode {
  const status = error instanceof Error && 'statusCode' in error ? error.statusCode : undefined;
  if (status === 413) return 'BODY_TOO_LARGE';
  if (status === 415) return 'UNSUPPORTED_MEDIA_TYPE';
  return typeof status === 'number' && status >= 400 && status < 500 ? 'BAD_REQUEST' : 'INTERNAL';
}

/** The error's name and stack frames, without its message: the message may quote the request. */
function traceOf(error: unknown): { readonly error: string; readonly trace: readonly string[] } {
  if (!(error instanceof Error)) return { error: typeof error, trace: [] };
  const { stack = '', message } = error;
  // The stack begins with the message, and a line of the message may look like a frame.
  const frames = stack.slice(stack.indexOf(message) + message.length).split('\n');
  return { error: error.name, trace: frames.map((line) => line.trim()).filter((line) => line.startsWith('at ')) };
}

/**
 * Answers what Node's HTTP parser refuses, and closes the connection: not HTTP, headers too long, or sent too slowly.
 */
export function answerClientError(error: Error & { readonly code?: string }, socket: Socket): void {
  if (error.code === 'ECONNRESET' || socket.destroyed) return;
  const status = error.code === 'ERR_HTTP_REQUEST_TIMEOUT' ? 408 : error.code === 'HPE_HEADER_OVERFLOW' ? 431 : 400;
  const reason = STATUS_CODES[status] ?? '';
  const body = JSON.stringify({ code: reason.toUpperCase().replaceAll(' ', '_'), message: reason });
  const head = [`HTTP/1.1 ${status} ${reason}`, 'Content-Type: application/json', `Content-Length: ${body.length}`];
  if (socket.writable) socket.write([...head, 'Connection: close', '', body].join('\r\n'));
  socket.destroy(error);
}
