import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { CreateBody } from './agent-message.js';
import { readCreateBody } from './agent-message.js';
import type { Clock } from './clock.js';
import { googleError } from './google-error.js';
import type { Phones } from './phones.js';
import type { Platform } from './platform.js';
import type { Outcome } from './play-answer.js';
import { playAnswer } from './play-answer.js';
import type { QueuedMessage } from './queued-message.js';
import type { TokenEndpoint } from './token-endpoint.js';
import type { Call, Truth } from './truth.js';
import { openCall } from './truth.js';

export interface RbmApiDeps {
  readonly clock: Clock;
  readonly timeScale: number;
  readonly phones: Phones;
  readonly platform: Platform;
  readonly truth: Truth;
  readonly tokens: TokenEndpoint;
  /** The answer to a create with a used id. Undocumented (docs/rbm.md). */
  readonly duplicateCreate: 200 | 409;
}

interface Route {
  Params: { phone: string; messageId?: string };
  Querystring: { agentId?: string; messageId?: string; requestId?: string };
  Body: string | null;
}
type Request = FastifyRequest<Route>;

const E164 = /^\+[1-9]\d{6,14}$/;
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
const AGENT = /^[a-z0-9][a-z0-9_-]*$/i;
const FEATURES = ['RICHCARD_STANDALONE', 'RICHCARD_CAROUSEL', 'ACTION_DIAL', 'ACTION_OPEN_URL'];

const failure = (status: number, message?: string): Outcome => ({
  status,
  body: googleError(status, message),
  tookEffect: false,
});

/** Registers RBM's endpoints (RBM "Send messages", "Revoke messages"). The server must pass bodies on as text. */
export function registerRbmApi(app: FastifyInstance, deps: RbmApiDeps): void {
  const { clock, timeScale, phones, platform, truth, tokens, duplicateCreate } = deps;

  async function answer(
    request: Request,
    reply: FastifyReply,
    calls: Call[],
    kind: 'create' | 'delete',
    effect: () => Outcome,
  ) {
    const call = openCall(calls, clock.now());
    const refused = refusal(request, tokens);
    if (refused !== undefined) {
      call.answeredAt = clock.now();
      call.answer = refused.status;
      return reply.code(refused.status).send(refused.body);
    }
    const scripted = phones.nextAnswer(request.params.phone, kind);
    // Like Google's errors, this one holds the phone number: it must not reach a log.
    const errorBody = (status: number) => googleError(status, `Refused: phones/${request.params.phone}.`);
    return playAnswer({ answer: scripted, call, reply, clock, timeScale, effect, errorBody });
  }

  function create({ params, query, body }: Request): Outcome {
    const { agentId = '', messageId = '' } = query;
    const invalid = invalidIds(params.phone, messageId);
    if (invalid !== undefined) return invalid;
    const message = readCreateBody(body ?? '', clock.now());
    if (typeof message === 'string') return failure(400, message);
    const { contentMessage, expireTime } = message;
    const text = typeof contentMessage['text'] === 'string' ? contentMessage['text'] : undefined;
    const created = platform.create({
      ...{ agentId, messageId, phone: params.phone },
      ...(expireTime === undefined ? {} : { expireTime }),
      ...(text === undefined ? {} : { text }),
    });
    switch (created.kind) {
      case 'notFound':
        return failure(404);
      case 'accepted':
        return { status: 200, body: resource(created.message, message), tookEffect: true };
      case 'duplicate':
        if (duplicateCreate === 409) return failure(409);
        return { status: 200, body: resource(created.message, message), tookEffect: false };
    }
  }

  app.post<Route>('/v1/phones/:phone/agentMessages', (request, reply) => {
    const record = truth.of(request.query.messageId ?? '');
    record.phone ??= request.params.phone;
    return answer(request, reply, record.creates, 'create', () => create(request));
  });

  app.delete<Route>('/v1/phones/:phone/agentMessages/:messageId', (request, reply) => {
    const { phone, messageId = '' } = request.params;
    const record = truth.of(messageId);
    record.firstDeleteAt ??= clock.now();
    return answer(request, reply, record.deletes, 'delete', () => {
      const invalid = invalidIds(phone, messageId);
      if (invalid !== undefined) return invalid;
      const { status, revoked } = platform.revoke({ phone, messageId, agentId: request.query.agentId ?? '' });
      return status === 200 ? { status, body: {}, tookEffect: revoked } : { ...failure(404), tookEffect: revoked };
    });
  });

  app.get<Route>('/v1/phones/:phone/capabilities', (request, reply) => {
    const { phone } = request.params;
    const refused = refusal(request, tokens) ?? (platform.isReachable(phone) ? undefined : failure(404));
    if (refused !== undefined) return reply.code(refused.status).send(refused.body);
    if (!UUID.test(request.query.requestId ?? ''))
      return reply.code(400).send(googleError(400, 'requestId: not a UUID.'));
    return reply.send({ features: FEATURES });
  });
}

/** Checks the token, then the agent. Like RBM, answers a missing agentId with 403 (docs/rbm.md). */
function refusal({ headers, query }: Request, tokens: TokenEndpoint): Outcome | undefined {
  switch (tokens.check(headers.authorization)) {
    case 'unauthenticated':
      return failure(401);
    case 'wrongScope':
      return failure(403, 'Request had insufficient authentication scopes.');
    case 'ok':
      return AGENT.test(query.agentId ?? '') ? undefined : failure(403, 'Agent look-up failed. You may retry.');
  }
}

function invalidIds(phone: string, messageId: string): Outcome | undefined {
  if (!E164.test(phone)) return failure(400, 'phone: not E.164.');
  if (!UUID.test(messageId)) return failure(400, 'messageId: not a UUID.');
  return undefined;
}

/** The AgentMessage that create answers. It has `expireTime` even if the request had a ttl. */
function resource({ phone, messageId, sendTime, expireTime }: QueuedMessage, body: CreateBody) {
  return {
    name: `phones/${phone}/agentMessages/${messageId}`,
    sendTime: new Date(sendTime).toISOString(),
    ...(expireTime === undefined ? {} : { expireTime: new Date(expireTime).toISOString() }),
    contentMessage: body.contentMessage,
    ...(body.messageTrafficType === undefined ? {} : { messageTrafficType: body.messageTrafficType }),
  };
}
