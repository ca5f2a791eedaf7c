import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { randomBytes } from 'node:crypto';
import { Client, Connection } from '@temporalio/client';
import { createDeliveryClient, type DeliveryClient } from '../../src/client/delivery-client.js';
import { DEFAULT_TASK_QUEUE } from '../../src/contract/ids.js';
import { demoBehaviours } from '../simulator/demo-phones.js';
import { createSimulator, type Simulator } from '../simulator/simulator.js';
import { startDevServer, type DevServer } from '../temporal/dev-server.js';
import { freePort } from '../temporal/free-port.js';
import { startGuarded, type GuardedProcess } from '../temporal/guarded-process.js';

const PROGRAM = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));
const START_LIMIT_MS = 60_000;

/** Everything that a delivery needs, on this machine. */
export interface Stack {
  readonly temporal: DevServer;
  readonly simulator: Simulator;
  readonly client: DeliveryClient;
  readonly webhookUrl: string;
  /** The environment under which `rcs-delivery` reaches this stack. */
  readonly env: Readonly<Record<string, string>>;
  /** Ends everything that was started, in the reverse order. May be called at any time, and twice. */
  readonly stop: () => Promise<void>;
}

/** Starts Temporal, the simulator, and `rcs-delivery worker` and `webhook` as processes of their own. */
export async function startStack(onProgress: (line: string) => void, cleanups: Cleanups): Promise<Stack> {
  const temporal = cleanups.add(await startDevServer({ ui: true, onProgress }), (server) => server.stop());
  onProgress(`Temporal ${temporal.address}${temporal.uiUrl === undefined ? '' : `, Web UI ${temporal.uiUrl}`}`);

  const secrets = {
    RBM_WEBHOOK_CLIENT_TOKEN: randomBytes(24).toString('base64url'),
    SMS_WEBHOOK_SECRET: `whsec_${randomBytes(24).toString('base64')}`,
    SMS_HTTP_TOKEN: randomBytes(24).toString('base64url'),
  };
  const simulator = cleanups.add(
    await createSimulator({
      clientToken: secrets.RBM_WEBHOOK_CLIENT_TOKEN,
      smsWebhookSecret: secrets.SMS_WEBHOOK_SECRET,
      smsToken: secrets.SMS_HTTP_TOKEN,
      phones: demoBehaviours,
    }),
    (running) => running.stop(),
  );
  onProgress(`RBM and SMS gateway, simulated: ${simulator.url}`);

  const keys = cleanups.add(await mkdtemp(join(tmpdir(), 'rcs-demo-')), (dir) => rm(dir, { recursive: true }));
  const port = await freePort();
  const env = {
    TEMPORAL_ADDRESS: temporal.address,
    TEMPORAL_NAMESPACE: temporal.namespace,
    RBM_ENDPOINT: simulator.url,
    GOOGLE_APPLICATION_CREDENTIALS: await simulator.writeCredentials(keys),
    SMS_PROVIDER: 'http',
    SMS_HTTP_URL: simulator.smsUrl,
    WEBHOOK_HOST: '127.0.0.1',
    WEBHOOK_PORT: String(port),
    LOG_LEVEL: 'warn',
    ...secrets,
  };
  const webhookUrl = `http://127.0.0.1:${String(port)}`;
  const [webhook, worker] = await Promise.all([
    startRole('webhook', env, cleanups),
    startRole('worker', env, cleanups),
  ]);
  await untilReady(`${webhookUrl}/readyz`, webhook);
  simulator.setWebhookUrls({ rbm: `${webhookUrl}/webhooks/rbm`, sms: `${webhookUrl}/webhooks/sms/http` });
  onProgress(`rcs-delivery webhook ${webhookUrl}`);

  const connection = cleanups.add(await Connection.connect({ address: temporal.address }), (open) => open.close());
  const client = createDeliveryClient({ client: new Client({ connection, namespace: temporal.namespace }) });
  await untilPolling(connection, temporal.namespace, worker);
  onProgress('rcs-delivery worker');
  return { temporal, simulator, client, webhookUrl, env, stop: () => cleanups.run() };
}

async function startRole(role: string, env: Record<string, string>, cleanups: Cleanups): Promise<GuardedProcess> {
  const started = await startGuarded({
    command: process.execPath,
    args: [PROGRAM, role],
    env: { ...process.env, ...env },
  });
  return cleanups.add(started, (child) => child.stop());
}

async function untilReady(url: string, child: GuardedProcess): Promise<void> {
  await until(child, async () => (await fetch(url).catch(() => undefined))?.ok === true);
}

/** A worker has no port of its own: it is ready when its task queue is polled. */
async function untilPolling(connection: Connection, namespace: string, child: GuardedProcess): Promise<void> {
  await until(child, async () => {
    const taskQueue = { name: DEFAULT_TASK_QUEUE };
    const { pollers } = await connection.workflowService.describeTaskQueue({ namespace, taskQueue });
    return pollers.length > 0;
  });
}

async function until(child: GuardedProcess, holds: () => Promise<boolean>): Promise<void> {
  const end = Date.now() + START_LIMIT_MS;
  while (!(await holds())) {
    if (await Promise.race([child.ended.then(() => true), delay(0, false)]))
      throw new Error(`A process ended at its start:\n${child.lastLines()}`);
    if (Date.now() > end) throw new Error(`A process did not get ready in time:\n${child.lastLines()}`);
    await delay(100);
  }
}

/** What must be undone, remembered from the moment it exists: a Ctrl-C may come at any time. */
export class Cleanups {
  readonly #steps: (() => Promise<void>)[] = [];

  add<T>(resource: T, undo: (resource: T) => Promise<void>): T {
    this.#steps.push(() => undo(resource));
    return resource;
  }

  async run(): Promise<void> {
    for (let step = this.#steps.pop(); step !== undefined; step = this.#steps.pop()) {
      await step().catch(() => undefined);
    }
  }
}
