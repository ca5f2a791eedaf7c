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
import type { Cleanups } from './cleanups.js';
import { isPolled, isPolling, TaskQueueInUseError } from './pollers.js';
import { createRole, type Role } from './role.js';

/** Everything that a delivery needs, on this machine. */
export interface DeliveryStack {
  readonly temporal: DevServer;
  readonly simulator: Simulator;
  readonly client: Client;
  readonly worker: Role;
  readonly webhook: Role;
  readonly webhookUrl: string;
  /** The environment under which `rcs-delivery` reaches this stack. */
  readonly env: Readonly<Record<string, string>>;
  /** Of `client`, and of whoever starts deliveries here. */
  readonly config: ClientConfig;
}

export interface DeliveryStackOptions {
  readonly temporal?: DevServerOptions;
  readonly simulator?: Partial<SimulatorOptions>;
  readonly smsProvider?: 'http' | 'twilio';
  readonly logLevel?: string;
  /** More of the worker's variables. */
  readonly workerEnv?: Readonly<Record<string, string>>;
  /** What the processes have in their environment beside what makes this stack. Default: what we have in ours. */
  readonly inherited?: NodeJS.ProcessEnv;
  /** One line for a human now and then. */
  readonly onProgress?: (line: string) => void;
  /** Gets what must be undone in the end. */
  readonly cleanups: Cleanups;
}

/**
 * Starts Temporal, the simulator, and `rcs-delivery worker` and `webhook` as processes of their own. Throws a
 * ConfigurationError, or a TaskQueueInUseError where somebody else works on the TASK_QUEUE that was asked for.
 */
export async function startDeliveryStack(options: DeliveryStackOptions): Promise<DeliveryStack> {
  const { onProgress = () => undefined, cleanups, inherited = process.env } = options;
  const given = { ...inherited, ...options.workerEnv };
  readClientConfig(given); // What is wrong is told before a server is looked for, which may mean to build one.
  const temporal = cleanups.add(await startDevServer({ ...options.temporal, onProgress }), (server) => server.stop());
  onProgress(`Temporal ${temporal.address}${temporal.uiUrl === undefined ? '' : `, Web UI ${temporal.uiUrl}`}`);
  const at = { TEMPORAL_ADDRESS: temporal.address, TEMPORAL_NAMESPACE: temporal.namespace };
  const asked = readClientConfig({ ...given, ...at });
  const client = await createClient(asked, cleanups);
  const isOurs = temporal.pid !== undefined;
  const taskQueue = isOurs ? asked.taskQueue : await quietQueue(client, asked, given);
  const config = { ...asked, taskQueue };
  if (taskQueue !== asked.taskQueue)
    onProgress(`task queue ${taskQueue}, since ${asked.taskQueue} has a worker there already`);

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
  onProgress(`RBM and SMS gateway, simulated: ${simulator.url}`);

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
  onProgress(`rcs-delivery webhook ${webhookUrl}`);
  onProgress('rcs-delivery worker');
  return { temporal, simulator, client, worker, webhook, webhookUrl, env, config };
}

/** One that nobody else works on: that which was asked for, or else, unless it was set, another. */
async function quietQueue(
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

const twilioEnv = ({ url, twilio: { accountSid, authToken } }: Simulator, webhookUrl: string) => ({
  SMS_PROVIDER: 'twilio',
  TWILIO_API_URL: url,
  TWILIO_ACCOUNT_SID: accountSid,
  TWILIO_AUTH_TOKEN: authToken,
  WEBHOOK_PUBLIC_URL: webhookUrl,
});

async function answers(webhookUrl: string): Promise<boolean> {
  return (await fetch(`${webhookUrl}/readyz`).catch(() => undefined))?.ok === true;
}
