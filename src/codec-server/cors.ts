import type { FastifyReply, FastifyRequest } from 'fastify';
import { CodecServerError } from './codec-server-error.js';

/** What the Web UI sends. */
const HEADERS = 'authorization, content-type, x-namespace';
const PREFLIGHT_SECONDS = '600';

/**
 * Lets pages of one origin read answers. Those of any other origin get no answer at all: their request is refused, so that
 * a page can't even probe. Whoever sends no Origin is no page: the temporal CLI.
 */
export function allowOrigin(request: FastifyRequest, reply: FastifyReply, uiOrigin: string | undefined): void {
  reply.header('vary', 'Origin');
  const { origin } = request.headers;
  if (origin === undefined) return;
  if (origin !== uiOrigin) throw new CodecServerError('ORIGIN_NOT_ALLOWED');
  reply.header('access-control-allow-origin', uiOrigin);
  // The UI can be told to send cookies, for a proxy in front of the codec server that has its own login.
  reply.header('access-control-allow-credentials', 'true');
}

/** The browser asks before the page's real request, without its credentials. */
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
