import { Client, Connection } from '@temporalio/client';
import { loadClientConnectConfig } from '@temporalio/envconfig';
import { createDeliveryClient } from 'rcs-message-delivery';
import { buildBackend } from './build-backend.js';

const { connectionOptions, namespace = 'default' } = loadClientConnectConfig();
// Lazy: it connects with the first call, and again by itself, so this server starts without Temporal too.
const connection = Connection.lazy(connectionOptions);
const recipientHashKey = process.env['RECIPIENT_HASH_KEY'];
const deliveries = createDeliveryClient({
  client: new Client({ connection, namespace }),
  // Without it, operators can't find the deliveries of a person.
  searchAttributes: recipientHashKey ? { recipientHashKey } : {},
});

const app = buildBackend({ deliveries, agentId: process.env['AGENT_ID'] ?? 'acme-agent' });
app.addHook('onClose', () => connection.close());
process.once('SIGTERM', () => void app.close());
console.log(await app.listen({ host: '127.0.0.1', port: Number(process.env['PORT'] ?? 3000) }));
