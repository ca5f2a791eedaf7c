import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import type { Clock } from './clock.js';
import type { Platform } from './platform.js';
import type { RbmRoute } from './rbm-request.js';
import { failure, invalidIds, parseJson, refusal } from './rbm-request.js';
import type { TokenEndpoint } from './token-endpoint.js';
import type { Truth } from './truth.js';

/** The input fields of phones.agentEvents. READ names the user's message. */
const AgentEvent = z.union([
  z.strictObject({ eventType: z.literal('IS_TYPING') }),
  z.strictObject({ eventType: z.literal('READ'), messageId: z.string().min(1) }),
]);

export interface AgentEventsApiDeps {
  readonly clock: Clock;
  readonly platform: Platform;
  readonly tokens: TokenEndpoint;
  readonly truth: Truth;
  readonly duplicateCreate: 200 | 409;
}

/** Registers phones.agentEvents.create (RBM "Send events"): the agent types, or has read the user's message. */
export function registerAgentEventsApi(app: FastifyInstance, deps: AgentEventsApiDeps): void {
  const { clock, platform, tokens, truth, duplicateCreate } = deps;
  app.post<RbmRoute>('/v1/phones/:phone/agentEvents', (request, reply) => {
    const { phone } = request.params;
    const { agentId = '', eventId = '' } = request.query;
    const body = AgentEvent.safeParse(parseJson(request.body));
    const refused =
      refusal(request.headers.authorization, agentId, tokens) ??
      invalidIds(phone, 'eventId', eventId) ??
      (body.success ? undefined : failure(400, 'eventType: IS_TYPING, or READ with a messageId.')) ??
      (platform.isReachable(phone, agentId) ? undefined : failure(404));
    if (refused !== undefined || !body.success) return reply.code(refused?.status ?? 400).send(refused?.body);
    const isNew = platform.useId({ agentId, messageId: eventId });
    if (!isNew && duplicateCreate === 409) return reply.code(409).send(failure(409).body);
    const at = clock.now();
    if (isNew) truth.sentEvent({ at, phone, eventId, ...body.data });
    return reply.send({
      name: `phones/${phone}/agentEvents/${eventId}`,
      ...body.data,
      sendTime: new Date(at).toISOString(),
    });
  });
}
