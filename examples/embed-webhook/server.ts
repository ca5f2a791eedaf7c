import { Client, Connection } from '@temporalio/client';
import { loadClientConnectConfig } from '@temporalio/envconfig';
import { parseAgents } from 'rcs-message-delivery';
import { buildApp } from './build-app.js';

const { connectionOptions, namespace = 'default' } = loadClientConnectConfig();
// A lazy connection needs no Temporal at the start, and reconnects. RBM repeats events that fail meanwhile.
const connection = Connection.lazy(connectionOptions);

const app = buildApp({
  client: new Client({ connection, namespace }),
  clientTokens: (process.env['RBM_WEBHOOK_CLIENT_TOKEN'] ?? '').split(','),
  smsSecrets: process.env['SMS_WEBHOOK_SECRET']?.split(','),
  acmeKey: process.env['ACME_RECEIPT_KEY'],
  recipientHashKey: process.env['RECIPIENT_HASH_KEY'],
  agents: parseAgents(process.env['RBM_AGENTS']),
  taskQueue: process.env['TASK_QUEUE'] ?? 'message-delivery',
  onUserMessage: ({ messageId, text, suggestionResponse }) => {
    // Replace this with an inbox, a chat bot or a queue. Don't log what users write.
    // A message may come twice, with the same messageId.
    app.log.info(
      { messageId, kind: suggestionResponse ? 'suggestion' : text === undefined ? 'file' : 'text' },
      'reply',
    );
    return Promise.resolve();
  },
});
process.once('SIGTERM', () => void app.close());
await app.listen({ host: '127.0.0.1', port: Number(process.env['PORT'] ?? 8080) });
