import { Client } from '@temporalio/client';
import { loadClientConnectConfig } from '@temporalio/envconfig';
import { NativeConnection } from '@temporalio/worker';
import {
  createDataConverter,
  createOptOuts,
  createRunningDeliveries,
  parseAgents,
  parseEncryptionKeys,
} from 'rcs-message-delivery';
import {
  createActivities,
  createOptOutActivities,
  createRbmAuth,
  createRbmClient,
  rbmEndpointPerAgent,
} from 'rcs-message-delivery/activities';
import { createDeliveryWorker, createRunHistories } from 'rcs-message-delivery/worker';
import { createAcmeSmsProvider } from './acme-sms-provider.js';

const env = process.env;
const keys = env['PAYLOAD_ENCRYPTION_KEYS'];
const taskQueue = env['TASK_QUEUE'] ?? 'message-delivery';
const recipientHashKey = env['RECIPIENT_HASH_KEY'];
const agents = parseAgents(env['RBM_AGENTS']);
const { connectionOptions, namespace = 'default' } = loadClientConnectConfig();
const dataConverter = keys ? createDataConverter({ keys: parseEncryptionKeys(keys) }) : undefined;
const connection = await NativeConnection.connect(connectionOptions);
try {
  const client = new Client({ connection, namespace, ...(dataConverter && { dataConverter }) });
  const optOuts =
    recipientHashKey === undefined
      ? undefined
      : createOptOuts({ client: client.workflow, taskQueue, recipientHashKey, agents, timeoutMs: 2_000 });
  const worker = await createDeliveryWorker({
    connection,
    namespace,
    taskQueue,
    activities: {
      ...createActivities({
        rbm: createRbmClient({
          endpoint: rbmEndpointPerAgent(agents, { region: 'europe', endpoint: env['RBM_ENDPOINT'] }),
          auth: createRbmAuth({ credentialsFile: env['GOOGLE_APPLICATION_CREDENTIALS'] }),
        }),
        agents,
        sms: createAcmeSmsProvider({ url: env['ACME_SMS_URL'] ?? '', token: env['ACME_SMS_TOKEN'] ?? '' }),
        // Looked up before each promotion. Without it, promotions go to everybody.
        optOuts,
        // For deliveries that an operator resets, and to tell an outage of Temporal from a backlog.
        histories: createRunHistories({ client }),
      }),
      // Revokes promotions in flight when their recipient opts out.
      ...createOptOutActivities({
        deliveries: createRunningDeliveries({ client: client.workflow, recipientHashKey }),
      }),
    },
    dataConverter,
    // How much this process takes on at a time. What is absent has its default.
    settings: { maxSmsRequests: 50 },
  });
  console.log('worker running');
  // Runs until SIGTERM or SIGINT, and then lets running requests finish.
  await worker.run();
} finally {
  await connection.close();
}
