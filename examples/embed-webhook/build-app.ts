import type { Client } from '@temporalio/client';
import Fastify, { LogController, type FastifyInstance } from 'fastify';
import { Registry } from 'prom-client';
import { createOptOuts, type Agents } from 'rcs-message-delivery';
import {
  createDeliverySignals,
  createSharedWork,
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
  /** RBM_WEBHOOK_CLIENT_TOKEN: the current token first, then old ones during a rotation. */
  readonly clientTokens: readonly string[];
  /** SMS_WEBHOOK_SECRET, if a gateway of the `http` provider sends receipts. */
  readonly smsSecrets?: readonly string[] | undefined;
  /** ACME_RECEIPT_KEY, if an SMS gateway of your own sends receipts. */
  readonly acmeKey?: string | undefined;
  /** RECIPIENT_HASH_KEY. Without it, opt-outs are not recorded. */
  readonly recipientHashKey?: string | undefined;
  /** RBM_AGENTS: which agents are one brand. */
  readonly agents: Agents;
  /** TASK_QUEUE: the workers' task queue. */
  readonly taskQueue: string;
  readonly onUserMessage: (message: UserMessage) => Promise<void>;
}

/** Adds RBM's webhook and, if configured, those for SMS receipts to your own server, all below /rcs/webhooks. */
export function buildApp(options: AppOptions): FastifyInstance {
  const { client, clientTokens, smsSecrets, acmeKey, recipientHashKey, agents, taskQueue, onUserMessage } = options;
  // Fastify's request lines hold query strings and addresses.
  const app = Fastify({ logger: true, logController: new LogController({ disableRequestLogging: true }) });
  app.get('/hello', () => ({ hello: 'world' }));

  // Called again for the same event only if it threw, or after 15 minutes.
  const onEvent: OnEvent = async (event, verified) => {
    if (event.kind === 'userMessage') await onUserMessage(readUserMessage(verified));
  };
  const deliveries = createDeliverySignals({ client: client.workflow, timeoutMs: 5_000 });
  const optOuts =
    recipientHashKey === undefined
      ? undefined
      : createOptOuts({ client: client.workflow, taskQueue, recipientHashKey, agents, timeoutMs: 5_000 });
  // One limit on the work at one time for all routes together.
  const work = createSharedWork();
  const shared = { deliveries, optOuts, log: app.log, registry: new Registry(), work };
  app.register(rbmWebhook, { ...shared, clientTokens, onEvent, prefix: '/rcs' });
  if (smsSecrets !== undefined) app.register(smsHttpWebhook, { ...shared, secrets: smsSecrets, prefix: '/rcs' });
  if (acmeKey !== undefined) {
    // POST /rcs/webhooks/sms/acme
    const receipts = createAcmeReceipts({ key: acmeKey });
    app.register(smsWebhook, { ...shared, name: 'acme', receipts, prefix: '/rcs' });
  }
  app.register(metrics, shared);

  // Closes the connection last, so that every event reaches Temporal.
  app.addHook('onClose', async () => {
    await deliveries.settled();
    await client.connection.close();
  });
  return app;
}
