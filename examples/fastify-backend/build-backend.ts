import Fastify, { type FastifyInstance } from 'fastify';
import type { DeliveryClient } from 'rcs-message-delivery';
import { answerDeliveryError } from './answer-delivery-error.js';
import { uuidV5 } from './uuid-v5.js';

export interface BackendOptions {
  readonly deliveries: DeliveryClient;
  readonly agentId: string;
}

interface OrderRoute {
  Params: { orderId: string };
  Body: { phone: string; code: string };
}

/** A namespace for version 5 UUIDs. Generate your own, so that your message ids differ from everybody else's. */
const ORDER_CODES = '6f1c2f0a-6d0b-4d0e-9a51-3f6a6f0f5f27';

const body = {
  type: 'object',
  required: ['phone', 'code'],
  properties: { phone: { type: 'string' }, code: { type: 'string', pattern: '^[0-9]{6}$' } },
} as const;

/** Sends the pick-up code of an order. Repeated requests for the same order start no second delivery. */
export function buildBackend({ deliveries, agentId }: BackendOptions): FastifyInstance {
  const app = Fastify();
  const idOf = (orderId: string) => ({ agentId, messageId: uuidV5(ORDER_CODES, orderId) });
  app.setErrorHandler((error, _request, reply) => answerDeliveryError(error, reply));

  app.post<OrderRoute>('/orders/:orderId/code', { schema: { body } }, async (request, reply) => {
    const { orderId } = request.params;
    const text = `Your pick-up code is ${request.body.code}`;
    const { messageId } = await deliveries.start({
      ...idOf(orderId),
      recipient: request.body.phone,
      contentMessage: { text },
      messageTrafficType: 'TRANSACTION',
      ttl: '600s',
      fallback: { sms: { text } },
    });
    reply.code(202);
    return { messageId };
  });

  app.get<OrderRoute>('/orders/:orderId/code', async (request) => {
    const { status, outcome, channel, next } = await deliveries.handle(idOf(request.params.orderId)).status();
    return { status, outcome, channel, next };
  });

  /** The order was cancelled: revokes the code and sends no SMS. */
  app.delete<OrderRoute>('/orders/:orderId/code', async (request) => {
    const delivery = deliveries.handle(idOf(request.params.orderId));
    const { status } = await delivery.revokeNow({ reason: 'order cancelled', fallback: 'none' });
    return { status };
  });

  return app;
}
