import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { readClientConfig, type ClientConfig } from '../../src/config/client-config.js';
import { createDataConverter } from '../../src/encryption/data-converter.js';
import { createSimulator, type Simulator, type SimulatorOptions } from '../simulator/simulator.js';
import { startDevServer, type DevServer, type DevServerOptions } from '../temporal/dev-server.js';
import { freePort } from '../temporal/free-port.js';
import type { OnProgress } from '../terminal/progress.js';
import type { Cleanups } from './cleanups.js';
import { isPolled, isPolling, TaskQueueInUseError } from './pollers.js';
import { createRole, type Role } from './role.js';

/** Everything that deliveries need, running on this machine. */
export interface DeliveryStack {
  readonly temporal: DevServer;
  readonly simulator: Simulator;
  readonly client: Client;
  readonly worker: Role;
  readonly webhook: Role;
  readonly webhookUrl: string;
  /** Environment variables with which `rcs-delivery` uses this stack. */
  readonly env: Readonly<Record<string, string>>;
  /** The configuration of `client`, with the task queue of this stack. */
  readonly config: ClientConfig;
}

export interface DeliveryStackOptions {
  readonly temporal?: DevServerOptions;
  readonly simulator?: Partial<SimulatorOptions>;
  readonly smsProvider?: 'http' | 'twilio';
  readonly logLevel?: string;
  /** Additional environment variables for the worker. */
  readonly workerEnv?: Readonly<Record<string, string>>;
  /** The environment to which this stack's variables are added. Default: this process's environment. */
  readonly inherited?: NodeJS.ProcessEnv;
  /** Gets lines of progress, for a person to read. */
  readonly onProgress?: OnProgress;
  /** Gets everything that must be undone. */
  readonly cleanups: Cleanups;
}

/**
 * Starts Temporal and the simulator, and `rcs-delivery worker` and `webhook` as processes of their own. Throws a
 * ConfigurationError, or a TaskQueueInUseError if TASK_QUEUE is set and that task queue already has a worker.
 */
export async function startDeliveryStack(options: DeliveryStackOptions): Promise<DeliveryStack> {
  const { onProgress = () => undefined, cleanups, inherited = process.env } = options;
  const given = { ...inherited, ...options.workerEnv };
  readClientConfig(given); // Reports mistakes before the search for a server, which may build one.
  const temporal = cleanups.add(await startDevServer({ ...options.temporal, onProgress }), (server) => server.stop());
  onProgress('Temporal is ready');
  if (temporal.uiUrl !== undefined) onProgress(`Web UI, only while this runs: ${temporal.uiUrl}`);
  const at = { TEMPORAL_ADDRESS: temporal.address, TEMPORAL_NAMESPACE: temporal.namespace };
  const asked = readClientConfig({ ...given, ...at });
  const client = await createClient(asked, cleanups);
  const startedHere = temporal.pid !== undefined;
  const taskQueue = startedHere ? asked.taskQueue : await unusedQueue(client, asked, given);
  const config = { ...asked, taskQueue };
  if (taskQueue !== asked.taskQueue)
    onProgress(`task queue ${taskQueue}, since ${asked.taskQueue} has a worker already`);

  const secrets = createSecrets();
  const simulator = cleanups.add(
    await createSimulator({
      clientToken: secrets.RBM_WEBHOOK_CLIENT_TOKEN,
      smsWebhookSecret: secrets.SMS_WEBHOOK_SECRET,
      smsToken: secrets.SMS_HTTP_TOKEN,
      ...options.simulator,
    }),
    (running) => running.stop(),
  );
  onProgress('the simulator of RBM and of an SMS gateway is ready');

  const keys = cleanups.add(await mkdtemp(join(tmpdir(), 'rcs-stack-')), (dir) => rm(dir, { recursive: true }));
  const port = await freePort();
  const webhookUrl = `http://127.0.0.1:${String(port)}`;
  const env = {
    ...at,
    TASK_QUEUE: taskQueue,
    RBM_ENDPOINT: simulator.url,
    GOOGLE_APPLICATION_CREDENTIALS: await simulator.writeCredentials(keys),
    RBM_WEBHOOK_CLIENT_TOKEN: secrets.RBM_WEBHOOK_CLIENT_TOKEN,
    RECIPIENT_HASH_KEY: secrets.RECIPIENT_HASH_KEY,
    WEBHOOK_HOST: '127.0.0.1',
    WEBHOOK_PORT: String(port),
    // No balancer sends anything here.
    WEBHOOK_SHUTDOWN_DELAY: '0s',
    LOG_LEVEL: options.logLevel ?? 'warn',
    ...(options.smsProvider === 'twilio' ? twilioEnv(simulator, webhookUrl) : httpEnv(simulator, secrets)),
  };
  const started = (role: Role) => cleanups.add(role, (running) => running.stop()).start();
  const webhook = createRole({ role: 'webhook', env: { ...inherited, ...env }, isReady: () => answers(webhookUrl) });
  const worker = createRole({
    role: 'worker',
    env: { ...inherited, ...env, ...options.workerEnv },
    isReady: ({ pid }) => isPolling({ client, taskQueue }, pid),
  });
  await Promise.all([started(webhook), started(worker)]);
  simulator.setWebhookUrls({ rbm: `${webhookUrl}/webhooks/rbm`, sms: `${webhookUrl}/webhooks/sms/http` });
  onProgress('rcs-delivery webhook and rcs-delivery worker are ready');
  return { temporal, simulator, client, worker, webhook, webhookUrl, env, config };
}

/** Returns the configured task queue if it has no worker. Otherwise invents another, unless TASK_QUEUE was set. */
async function unusedQueue(
  client: Client,
  { taskQueue, temporal }: ClientConfig,
  { TASK_QUEUE = '' }: NodeJS.ProcessEnv,
): Promise<string> {
  if (!(await isPolled({ client, taskQueue }))) return taskQueue;
  if (TASK_QUEUE !== '') throw new TaskQueueInUseError(taskQueue, temporal.address);
  return `${taskQueue}-${randomBytes(4).toString('hex')}`;
}

async function createClient({ temporal, encryptionKeys }: ClientConfig, cleanups: Cleanups): Promise<Client> {
  const { options, namespace } = temporal;
  const connection = cleanups.add(await Connection.connect(options), (open) => open.close());
  const dataConverter = createDataConverter({ keys: encryptionKeys });
  return new Client({ connection, namespace, ...(dataConverter && { dataConverter }) });
}

const createSecrets = () => ({
  RBM_WEBHOOK_CLIENT_TOKEN: randomBytes(24).toString('base64url'),
  SMS_WEBHOOK_SECRET: `whsec_${randomBytes(24).toString('base64')}`,
  SMS_HTTP_TOKEN: randomBytes(24).toString('base64url'),
  RECIPIENT_HASH_KEY: randomBytes(32).toString('base64'),
});
type Secrets = ReturnType<typeof createSecrets>;

const httpEnv = ({ smsUrl }: Simulator, { SMS_HTTP_TOKEN, SMS_WEBHOOK_SECRET }: Secrets) => ({
  SMS_PROVIDER: 'http',
  SMS_HTTP_URL: smsUrl,
  SMS_HTTP_TOKEN,
  SMS_WEBHOOK_SECRET,
});

const twilioEnv = ({ twilioUrl, twilio: { accountSid, authToken } }: Simulator, webhookUrl: string) => ({
  SMS_PROVIDER: 'twilio',
  TWILIO_API_URL: twilioUrl,
  TWILIO_ACCOUNT_SID: accountSid,
  TWILIO_AUTH_TOKEN: authToken,
  WEBHOOK_PUBLIC_URL: webhookUrl,
});

async function answers(webhookUrl: string): Promise<boolean> {
  return (await fetch(`${webhookUrl}/readyz`).catch(() => undefined))?.ok === true;
}
