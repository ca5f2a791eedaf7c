import { Client } from '@temporalio/client';
import { loadClientConnectConfig } from '@temporalio/envconfig';
import { NativeConnection } from '@temporalio/worker';
import { createDataConverter, parseEncryptionKeys } from 'rcs-message-delivery';
import { createActivities, createRbmAuth, createRbmClient, rbmEndpoint } from 'rcs-message-delivery/activities';
import { createDeliveryWorker, createRunHistories } from 'rcs-message-delivery/worker';
import { createAcmeSmsProvider } from './acme-sms-provider.js';

const env = process.env;
const keys = env['PAYLOAD_ENCRYPTION_KEYS'];
const { connectionOptions, namespace = 'default' } = loadClientConnectConfig();
const dataConverter = keys ? createDataConverter({ keys: parseEncryptionKeys(keys) }) : undefined;
const connection = await NativeConnection.connect(connectionOptions);
try {
  const worker = await createDeliveryWorker({
    connection,
    namespace,
    taskQueue: env['TASK_QUEUE'] ?? 'message-delivery',
    activities: createActivities({
      rbm: createRbmClient({
        endpoint: env['RBM_ENDPOINT'] ?? rbmEndpoint({ region: 'europe' }),
        auth: createRbmAuth({ credentialsFile: env['GOOGLE_APPLICATION_CREDENTIALS'] }),
      }),
      sms: createAcmeSmsProvider({ url: env['ACME_SMS_URL'] ?? '', token: env['ACME_SMS_TOKEN'] ?? '' }),
      // For deliveries that an operator resets.
      histories: createRunHistories({
        client: new Client({ connection, namespace, ...(dataConverter && { dataConverter }) }),
      }),
    }),
    dataConverter,
    // Any other option of Temporal's Worker.
    worker: { maxConcurrentActivityTaskExecutions: 50 },
  });
  console.log('worker running');
  // Runs until SIGTERM or SIGINT, and then lets running requests finish.
  await worker.run();
} finally {
  await connection.close();
}
