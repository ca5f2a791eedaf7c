import Fastify, { type FastifyInstance } from 'fastify';
import { messageIdFor, type DeliveryClient } from 'rcs-message-delivery';
import { answerDeliveryError } from './answer-delivery-error.js';

export interface BackendOptions {
  readonly deliveries: DeliveryClient;
  readonly agentId: string;
  /** At least 16 bytes. It must stay the same: with another one, a repeated request sends the code again. */
  readonly messageIdSecret: string;
}

interface OrderRoute {
  Params: { orderId: string };
  Body: { phone: string; code: string };
}

const body = {
  type: 'object',
  required: ['phone', 'code'],
  properties: { phone: { type: 'string' }, code: { type: 'string', pattern: '^[0-9]{6}$' } },
} as const;

/**
 * Sends the pick-up code of an order. Repeated requests for the same order start no second delivery, and another code for
 * it is refused with 409.
 */
export function buildBackend({ deliveries, agentId, messageIdSecret }: BackendOptions): FastifyInstance {
  const app = Fastify();
  const idOf = (orderId: string) => ({ agentId, messageId: messageIdFor(messageIdSecret, `order/${orderId}/code`) });
  app.setErrorHandler((error, _request, reply) => answerDeliveryError(error, reply));

  app.post<OrderRoute>('/orders/:orderId/code', { schema: { body } }, async (request, reply) => {
    const { orderId } = request.params;
    const text = `Your pick-up code is ${request.body.code}`;
    const { messageId } = await deliveries.start({
      ...idOf(orderId),
      recipient: request.body.phone,
      contentMessage: { text },
      messageTrafficType: 'TRANSACTION',
      ttl: '3600s', // the head start that RCS gets before the SMS
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
