import type { FastifyInstance, FastifyReply } from 'fastify';
import type { CreateBody } from './agent-message.js';
import { readCreateBody } from './agent-message.js';
import type { Agents } from './agents.js';
import type { Carriers } from './carriers.js';
import type { Clock } from './clock.js';
import { googleError } from './google-error.js';
import type { OptOuts } from './opt-outs.js';
import type { RbmOutage } from './outage.js';
import type { Phones } from './phones.js';
import type { Platform } from './platform.js';
import type { Outcome } from './play-answer.js';
import { playAnswer } from './play-answer.js';
import type { QueuedMessage } from './queued-message.js';
import type { RbmRequest, RbmRoute } from './rbm-request.js';
import { failure, invalidIds, refusal } from './rbm-request.js';
import type { TokenEndpoint } from './token-endpoint.js';
import type { Call, Truth } from './truth.js';
import { openCall } from './truth.js';
import { usFields } from './us-billing.js';

export interface RbmApiDeps {
  readonly clock: Clock;
  readonly timeScale: number;
  readonly phones: Phones;
  readonly platform: Platform;
  readonly truth: Truth;
  readonly tokens: TokenEndpoint;
  readonly agents: Agents;
  readonly carriers: Carriers;
  readonly optOuts: OptOuts;
  readonly outage: RbmOutage;
  /** The answer to a create with a used id. Undocumented (docs/rbm.md). */
  readonly duplicateCreate: 200 | 409;
}

/** Registers create and revoke (RBM "Send messages", "Revoke messages"). The server must pass bodies on as text. */
export function registerRbmApi(app: FastifyInstance, deps: RbmApiDeps): void {
  const { clock, timeScale, phones, platform, truth, tokens, agents, carriers, duplicateCreate } = deps;

  async function answer(
    request: RbmRequest,
    reply: FastifyReply,
    calls: Call[],
    kind: 'create' | 'delete',
    effect: () => Outcome,
  ) {
    const call = openCall(calls, clock.now());
    const refused = refusal(request.headers.authorization, request.query.agentId, tokens);
    if (refused !== undefined) {
      call.answeredAt = clock.now();
      call.answer = refused.status;
      return reply.code(refused.status).send(refused.body);
    }
    const scripted = deps.outage.next(kind) ?? phones.nextAnswer(request.params.phone, kind);
    // Like Google's errors, this one holds the phone number: it must not reach a log.
    const errorBody = (status: number) => googleError(status, `Refused: phones/${request.params.phone}.`);
    return playAnswer({ answer: scripted, call, reply, clock, timeScale, effect, errorBody });
  }

  function create({ params, query, body }: RbmRequest): Outcome {
    const { agentId = '', messageId = '' } = query;
    const invalid = invalidIds(params.phone, 'messageId', messageId);
    if (invalid !== undefined) return invalid;
    const message = readCreateBody(body ?? '', clock.now());
    if (typeof message === 'string') return failure(400, message);
    if (agents.trafficTypeOf(agentId, message.messageTrafficType) === 'missing')
      return failure(400, 'messageTrafficType: required for a multi-use agent.');
    const { contentMessage, expireTime } = message;
    const text = typeof contentMessage['text'] === 'string' ? contentMessage['text'] : undefined;
    const created = platform.create({
      ...{ agentId, messageId, phone: params.phone },
      ...(expireTime === undefined ? {} : { expireTime }),
      ...(text === undefined ? {} : { text }),
    });
    if (created.kind === 'notFound') return failure(404);
    const isNew = created.kind === 'accepted';
    if (!isNew && duplicateCreate === 409) return failure(409);
    const us = usFields(params.phone, contentMessage, carriers.of(params.phone)?.name);
    return { status: 200, body: { ...resource(created.message, message), ...us }, tookEffect: isNew };
  }

  app.post<RbmRoute>('/v1/phones/:phone/agentMessages', (request, reply) => {
    const { agentId = '', messageId = '' } = request.query;
    const { phone } = request.params;
    const record = truth.of(messageId);
    record.phone ??= phone;
    record.agentId ??= agentId;
    const message = readCreateBody(request.body ?? '', clock.now());
    const asked = typeof message === 'string' ? undefined : message.messageTrafficType;
    const type = agents.trafficTypeOf(agentId, asked);
    if (type !== undefined && type !== 'missing') record.messageTrafficType ??= type;
    if (record.creates.length === 0) deps.optOuts.happened('create', { phone, agentId });
    return answer(request, reply, record.creates, 'create', () => create(request));
  });

  app.delete<RbmRoute>('/v1/phones/:phone/agentMessages/:messageId', (request, reply) => {
    const { phone, messageId = '' } = request.params;
    const record = truth.of(messageId);
    record.firstDeleteAt ??= clock.now();
    return answer(request, reply, record.deletes, 'delete', () => {
      const invalid = invalidIds(phone, 'messageId', messageId);
      if (invalid !== undefined) return invalid;
      const { status, revoked } = platform.revoke({ phone, messageId, agentId: request.query.agentId ?? '' });
      return status === 200 ? { status, body: {}, tookEffect: revoked } : { ...failure(404), tookEffect: revoked };
    });
  });
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
