import type { Client } from '@temporalio/client';
import Fastify, { LogController, type FastifyInstance } from 'fastify';
import { Registry } from 'prom-client';
import {
  createDeliverySignals,
  metrics,
  rbmWebhook,
  smsHttpWebhook,
  smsWebhook,
  type OnEvent,
} from 'rcs-message-delivery/webhook';
import { createAcmeReceipts } from './acme-receipts.js';
import { readUserMessage, type UserMessage } from './read-user-message.js';

export interface AppOptions {
  readonly client: Client;
  /** RBM_WEBHOOK_CLIENT_TOKEN: the current one first, then those being rotated out. */
  readonly clientTokens: readonly string[];
  /** SMS_WEBHOOK_SECRET, when the SMS gateway sends receipts. */
  readonly smsSecrets?: readonly string[] | undefined;
  /** ACME_RECEIPT_KEY, when an SMS gateway of your own sends receipts. */
  readonly acmeKey?: string | undefined;
  readonly onUserMessage: (message: UserMessage) => Promise<void>;
}

/** Your own server, with our routes beside yours: POST /rcs/webhooks/rbm and POST /rcs/webhooks/sms/http. */
export function buildApp({ client, clientTokens, smsSecrets, acmeKey, onUserMessage }: AppOptions): FastifyInstance {
  // Fastify's own request lines hold query strings and addresses.
  const app = Fastify({ logger: true, logController: new LogController({ disableRequestLogging: true }) });
  app.get('/hello', () => ({ hello: 'world' }));

  // Called at least once per event. When it throws, RBM sends the event again.
  const onEvent: OnEvent = async (event, raw) => {
    if (event.kind === 'userMessage') await onUserMessage(readUserMessage(raw));
  };
  const deliveries = createDeliverySignals({ client: client.workflow, timeoutMs: 5_000 });
  const edge = { deliveries, log: app.log, registry: new Registry() };
  app.register(rbmWebhook, { ...edge, clientTokens, onEvent, prefix: '/rcs' });
  if (smsSecrets !== undefined) app.register(smsHttpWebhook, { ...edge, secrets: smsSecrets, prefix: '/rcs' });
  if (acmeKey !== undefined) {
    // POST /rcs/webhooks/sms/acme
    const receipts = createAcmeReceipts({ key: acmeKey });
    app.register(smsWebhook, { ...edge, name: 'acme', receipts, prefix: '/rcs' });
  }
  app.register(metrics, edge);

  // In this order: no event is cut off on its way to Temporal.
  app.addHook('onClose', async () => {
    await deliveries.settled();
    await client.connection.close();
  });
  return app;
}
