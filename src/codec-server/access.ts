import { createHash, timingSafeEqual } from 'node:crypto';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { CodecServerError } from './errors.js';

/** Returns the caller's name for the audit log: the token's position in the configuration. undefined: not authenticated. */
export type Authenticate = (authorization: string | undefined) => string | undefined;

/** Compares every token in constant time. Without tokens, every caller is `anonymous`. */
export function createAuthenticate(tokens: readonly string[] | undefined): Authenticate {
  if (tokens === undefined) return () => 'anonymous';
  const known = tokens.map(digest);
  return (authorization = '') => {
    const given = digest(/^Bearer +(\S+)$/i.exec(authorization)?.[1] ?? '');
    const place = known.map((token) => timingSafeEqual(token, given)).indexOf(true);
    return place === -1 ? undefined : `caller ${String(place + 1)}`;
  };
}

/** Digests have equal length, which the comparison needs. */
const digest = (token: string) => createHash('sha256').update(token).digest();

/** The headers that the Web UI sends. */
const HEADERS = 'authorization, content-type, x-namespace';
const PREFLIGHT_SECONDS = '600';

/**
 * Lets web pages of one origin read answers. Refuses requests from any other origin, so that its pages can't even probe
 * the server. A request without an Origin header does not come from a page of another origin: the `temporal` CLI.
 */
export function allowOrigin(request: FastifyRequest, reply: FastifyReply, uiOrigin: string | undefined): void {
  reply.header('vary', 'Origin');
  const { origin } = request.headers;
  if (origin === undefined) return;
  if (origin !== uiOrigin) throw new CodecServerError('ORIGIN_NOT_ALLOWED');
  reply.header('access-control-allow-origin', uiOrigin);
  // The UI can send cookies, for a proxy in front of the codec server that has a login of its own.
  reply.header('access-control-allow-credentials', 'true');
}

/** Answers a browser's preflight request, which comes without credentials. */
export function answerPreflight(reply: FastifyReply): FastifyReply {
  return reply
    .headers({
      'access-control-allow-methods': 'POST',
      'access-control-allow-headers': HEADERS,
      'access-control-max-age': PREFLIGHT_SECONDS,
    })
    .code(204)
    .send();
}
