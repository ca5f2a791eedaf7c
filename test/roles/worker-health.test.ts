import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeAll, expect, onTestFinished, test } from 'vitest';
import { createSimulator } from '../../dev/simulator/simulator.js';
import { startDevServer } from '../../dev/temporal/dev-server.js';
import { freePort } from '../../dev/temporal/free-port.js';
import { run, endAll, serve, type Running } from '../cli/program.js';
import { sharedTemporal } from '../support/shared-temporal.js';

const WAIT = { timeout: 60_000 };
const env = { ...process.env, TEMPORAL_ADDRESS: '' };
let temporal: Readonly<Record<string, string>>;

beforeAll(async () => {
  temporal = (await sharedTemporal()).variables;
});
afterEach(endAll);

interface Answer {
  readonly status: number;
  readonly body: Record<string, unknown>;
}

/** Functions that ask the process's two probes. */
async function probesOf(worker: Running) {
  const { listening } = await worker.said('answering probes');
  const port = new URL(`http://${(listening as string[]).join()}`).port;
  const ask = async (path: string): Promise<Answer> => {
    const response = await fetch(`http://127.0.0.1:${port}${path}`);
    return { status: response.status, body: (await response.json()) as Record<string, unknown> };
  };
  return { alive: () => ask('/healthz'), ready: () => ask('/readyz') };
}

const ALIVE = { status: 200, body: { status: 'alive' } };
const READY = { status: 200, body: { status: 'ready' } };
const notReady = (reason: string) => ({ status: 503, body: expect.objectContaining({ reason }) as object });

test('a worker is alive throughout, and ready while Temporal answers', async () => {
  const port = await freePort();
  const worker = serve(['worker'], { TEMPORAL_ADDRESS: `127.0.0.1:${String(port)}`, HEALTH_PORT: '0' });
  const { alive, ready } = await probesOf(worker);
  await worker.said('waiting for Temporal');
  expect([await alive(), await ready()]).toEqual([ALIVE, notReady('not started')]);

  const first = await startDevServer({ env, port });
  onTestFinished(() => first.stop());
  await expect.poll(ready, WAIT).toEqual(READY);

  await first.stop();
  await expect.poll(ready, WAIT).toEqual(notReady('not connected'));
  expect(await alive()).toEqual(ALIVE);

  const second = await startDevServer({ env, port });
  onTestFinished(() => second.stop());
  await expect.poll(ready, WAIT).toEqual(READY);
  expect(await alive()).toEqual(ALIVE);
  expect((await worker.end()).code).toBe(0);
});

const SECRET = 'whsec_c2ltdWxhdGVkLXNtcy13ZWJob29rLXNlY3JldA==';
const PHONE = '+15550100001';

/** RBM that takes every message of this phone and does not answer, and a worker's variables for it. */
async function hangingRbm() {
  const dir = await mkdtemp(join(tmpdir(), 'worker-health-'));
  const simulator = await createSimulator({ clientToken: 'token', smsWebhookSecret: SECRET, smsToken: 'token' });
  onTestFinished(async () => {
    await simulator.stop();
    await rm(dir, { recursive: true });
  });
  simulator.script(PHONE, { create: 'hang' });
  const GOOGLE_APPLICATION_CREDENTIALS = await simulator.writeCredentials(dir);
  return { simulator, variables: { RBM_ENDPOINT: simulator.url, GOOGLE_APPLICATION_CREDENTIALS } };
}

test('after SIGTERM a worker is alive and not ready until it exits', async () => {
  const { simulator, variables } = await hangingRbm();
  const own = { ...temporal, ...variables, TASK_QUEUE: 'draining' };
  const worker = serve(['worker'], { ...own, HEALTH_PORT: '0' });
  const { alive, ready } = await probesOf(worker);
  await expect.poll(ready, WAIT).toEqual(READY);

  const messageId = randomUUID();
  const flags = ['--agent', 'acme', '--message-id', messageId, '--to', PHONE, '--text', 'x', '--ttl', '600s'];
  expect((await run(['send', ...flags], own)).code).toBe(0);
  // The worker finishes this request before it exits.
  await expect.poll(() => simulator.truthFor(messageId).creates.length, WAIT).toBe(1);
  const ended = worker.end();
  await worker.said('shutting down');
  expect([await alive(), await ready()]).toEqual([ALIVE, notReady('draining')]);
  expect((await ended).code).toBe(0);
});

test('a worker exits with 1 and an error if its health port is in use', async () => {
  const taken = createServer().listen(0, '0.0.0.0');
  onTestFinished(() => void taken.close());
  await once(taken, 'listening');
  const { code, stderr } = await run(['worker'], { ...temporal, HEALTH_PORT: portOf(taken) });
  expect({ code, stderr }).toEqual({
    code: 1,
    stderr: expect.stringMatching(/^rcs-delivery: the port HEALTH_PORT cannot be listened on/) as string,
  });
});

const portOf = (server: ReturnType<typeof createServer>): string => String((server.address() as AddressInfo).port);
