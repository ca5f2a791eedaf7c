import type { FastifyRequest } from 'fastify';
import { googleError } from './google-error.js';
import type { Outcome } from './play-answer.js';
import type { TokenEndpoint } from './token-endpoint.js';

/** A call of RBM's API. */
export interface RbmRoute {
  Params: { phone: string; messageId?: string };
  Querystring: { agentId?: string; messageId?: string; eventId?: string; requestId?: string };
  Body: string | null;
}
export type RbmRequest = FastifyRequest<RbmRoute>;

const E164 = /^\+[1-9]\d{6,14}$/;
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
const AGENT = /^[a-z0-9][a-z0-9_-]*$/i;

export const isE164 = (text: string): boolean => E164.test(text);
export const isUuid = (text: string): boolean => UUID.test(text);

export const failure = (status: number, message?: string): Outcome => ({
  status,
  body: googleError(status, message),
  tookEffect: false,
});

/** Checks the token, then the agent. Like RBM, answers a missing agentId with 403 (docs/rbm.md). */
export function refusal(
  authorization: string | undefined,
  agentId: string | undefined,
  tokens: TokenEndpoint,
): Outcome | undefined {
  switch (tokens.check(authorization)) {
    case 'unauthenticated':
      return failure(401);
    case 'wrongScope':
      return failure(403, 'Request had insufficient authentication scopes.');
    case 'ok':
      return AGENT.test(agentId ?? '') ? undefined : failure(403, 'Agent look-up failed. You may retry.');
  }
}

/** What is wrong with a number and an id of the caller's. */
export function invalidIds(phone: string, name: string, id: string): Outcome | undefined {
  if (!isE164(phone)) return failure(400, 'phone: not E.164.');
  return isUuid(id) ? undefined : failure(400, `${name}: not a UUID.`);
}

/** Parses JSON. undefined for anything else. */
export function parseJson(text: string | null): unknown {
  try {
    return JSON.parse(text ?? '');
  } catch {
    return undefined;
  }
}
