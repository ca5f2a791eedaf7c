import { createHash, timingSafeEqual } from 'node:crypto';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { CodecServerError } from './errors.js';

/** A caller that may decode. */
export interface Caller {
  /** For the audit log. */
  readonly name: string;
  readonly token: string;
}

/** Returns the caller's name for the audit log. undefined: not authenticated. */
export type Authenticate = (authorization: string | undefined) => string | undefined;

/** Compares every token in constant time. Without callers, everybody is `anonymous`. */
export function createAuthenticate(callers: readonly Caller[] | undefined): Authenticate {
  if (callers === undefined) return () => 'anonymous';
  const known = callers.map(({ token }) => digest(token));
  return (authorization = '') => {
    const given = digest(/^Bearer +(\S+)$/i.exec(authorization)?.[1] ?? '');
    const place = known.map((token) => timingSafeEqual(token, given)).indexOf(true);
    return callers[place]?.name;
  };
}

/** Digests have equal length, which the comparison needs. */
const digest = (token: string) => createHash('sha256').update(token).digest();

/**
 * Lets web pages of these origins read answers. Refuses requests from any other origin, so that its pages can't even probe
 * the server. A request without an Origin header does not come from a page of another origin: the `temporal` CLI.
 */
export function allowOrigin(request: FastifyRequest, reply: FastifyReply, uiOrigins: readonly string[]): void {
  reply.header('vary', 'Origin, Access-Control-Request-Headers, Access-Control-Request-Private-Network');
  const { origin } = request.headers;
  if (origin === undefined) return;
  if (!uiOrigins.includes(origin)) throw new CodecServerError('ORIGIN_NOT_ALLOWED');
  reply.header('access-control-allow-origin', origin);
  // The UI can send cookies, for a proxy in front of the codec server that has a login of its own.
  reply.header('access-control-allow-credentials', 'true');
}

/** What the Web UI sends (temporalio/ui, data-encoder.ts); allowed even if a caller asks for none. */
const HEADERS = ['authorization', 'authorization-extras', 'content-type', 'x-namespace'];
/** Lower case, since a browser asks in lower case. */
const HEADER_NAME = /^[a-z0-9!#$%&'*+.^_`|~-]{1,64}$/;
const MOST_HEADERS = 50;
const PREFLIGHT_SECONDS = '600';

/**
 * Answers a browser's preflight request, which comes without credentials. Allows every header that it asks for: each
 * release of the Web UI may send more, and tracing or a proxy's script adds its own. No header gives access but the token.
 */
export function answerPreflight(request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const asked = request.headers['access-control-request-headers']?.toLowerCase() ?? '';
  const names = asked.split(',').map((name) => name.trim());
  const allowed = new Set([...HEADERS, ...names.filter((name) => HEADER_NAME.test(name)).slice(0, MOST_HEADERS)]);
  // Chrome asks before a page from a public address may call a server in a private network, such as on localhost.
  const isPrivate = request.headers['access-control-request-private-network'] === 'true';
  return reply
    .headers({
      'access-control-allow-methods': 'POST',
      'access-control-allow-headers': [...allowed].join(', '),
      'access-control-max-age': PREFLIGHT_SECONDS,
      ...(isPrivate && { 'access-control-allow-private-network': 'true' }),
    })
    .code(204)
    .send();
}
