import { Client, Connection } from '@temporalio/client';
import { loadClientConnectConfig } from '@temporalio/envconfig';
import { createDeliveryClient } from 'rcs-message-delivery';
import { buildBackend } from './build-backend.js';

const { connectionOptions, namespace = 'default' } = loadClientConnectConfig();
// A lazy connection needs no Temporal at the start: it connects with the first call, and reconnects.
const connection = Connection.lazy(connectionOptions);
const recipientHashKey = process.env['RECIPIENT_HASH_KEY'];
const deliveries = createDeliveryClient({
  client: new Client({ connection, namespace }),
  // Without this key, operators can't find a person's deliveries.
  searchAttributes: recipientHashKey ? { recipientHashKey } : {},
});

const messageIdSecret = process.env['MESSAGE_ID_SECRET'];
if (!messageIdSecret) throw new Error('MESSAGE_ID_SECRET is missing: at least 16 random bytes, always the same');
const app = buildBackend({ deliveries, agentId: process.env['AGENT_ID'] ?? 'acme-agent', messageIdSecret });
app.addHook('onClose', () => connection.close());
process.once('SIGTERM', () => void app.close());
console.log(await app.listen({ host: '127.0.0.1', port: Number(process.env['PORT'] ?? 3000) }));
