import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import type { Carriers } from './carriers.js';
import type { Platform } from './platform.js';
import type { RbmRoute } from './rbm-request.js';
import { failure, isE164, isUuid, parseJson, refusal } from './rbm-request.js';
import type { TokenEndpoint } from './token-endpoint.js';
import { isUs } from './us-billing.js';

const FEATURES = ['RICHCARD_STANDALONE', 'RICHCARD_CAROUSEL', 'ACTION_DIAL', 'ACTION_OPEN_URL'];

/** RBM "users.batchGet": numbers in one call, and from how many on the answer estimates the reach. */
const MOST_USERS = 10_000;
const FEWEST_SAMPLED = 500;
const SAMPLE = 0.75;

const BatchGet = z.strictObject({
  users: z.array(z.string().refine(isE164)).min(1).max(MOST_USERS),
  agentId: z.string().optional(),
});

export interface UsersApiDeps {
  readonly platform: Platform;
  readonly carriers: Carriers;
  readonly tokens: TokenEndpoint;
}

/** Registers the capability check of one phone and of many (RBM "Capability checks"). */
export function registerUsersApi(app: FastifyInstance, { platform, carriers, tokens }: UsersApiDeps): void {
  app.get<RbmRoute>('/v1/phones/:phone/capabilities', (request, reply) => {
    const { phone } = request.params;
    const { agentId = '', requestId = '' } = request.query;
    const refused =
      refusal(request.headers.authorization, agentId, tokens) ??
      (isUuid(requestId) ? undefined : failure(400, 'requestId: not a UUID.')) ??
      (platform.isReachable(phone, agentId) ? undefined : failure(404));
    if (refused !== undefined) return reply.code(refused.status).send(refused.body);
    return reply.send({ features: FEATURES });
  });

  // The second colon stands for a colon in the path.
  app.post<RbmRoute>('/v1/users::batchGet', (request, reply) => {
    const body = BatchGet.safeParse(parseJson(request.body));
    // The reference has agentId in the body. Google's Node helper sends it in the query.
    const agentId = body.data?.agentId ?? request.query.agentId ?? '';
    const refused =
      refusal(request.headers.authorization, agentId, tokens) ??
      (body.success ? undefined : failure(400, `users: 1 to ${MOST_USERS} numbers in E.164.`));
    if (refused !== undefined) return reply.code(refused.status).send(refused.body);
    return reply.send(reach(body.data?.users ?? [], agentId));
  });

  function reach(users: readonly string[], agentId: string) {
    const reachableUsers = users.filter((phone) => platform.isReachable(phone, agentId));
    const sample = users.length < FEWEST_SAMPLED ? [] : users.slice(0, Math.ceil(users.length * SAMPLE));
    const byCarrier: Record<string, { reachableUsers: string[] }> = {};
    for (const phone of reachableUsers.filter(isUs))
      (byCarrier[carriers.of(phone)?.regionId ?? 'us-rcs'] ??= { reachableUsers: [] }).reachableUsers.push(phone);
    return {
      reachableUsers,
      totalRandomSampleUserCount: sample.length,
      // The sample counts the users on every carrier, launched or not.
      reachableRandomSampleUserCount: sample.filter((phone) => platform.hasRcs(phone)).length,
      // For US numbers alone.
      ...(Object.keys(byCarrier).length === 0 ? {} : { reachableUsersMap: byCarrier }),
    };
  }
}
