import { rmSync, symlinkSync, unlinkSync, writeFileSync } from 'node:fs';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest';
import { readClientConfig } from '../../src/config/client-config.js';
import { connectionOptionsFromFiles, createDeliveryClient } from '../../src/index.js';
import { createLogger } from '../../src/observability/logger.js';
import { createCurrentOptions } from '../../src/temporal/current-options.js';
import { createRenewedConnection } from '../../src/temporal/renewed-connection.js';
import { createTemporalClient } from '../../src/temporal/temporal-client.js';
import { connectToTemporal } from '../../src/temporal/worker-connection.js';
import { createDeliveryWorker } from '../../src/worker/create-worker.js';
import { message } from '../cli/stage.js';
import { fakeActivities } from '../client/fake-activities.js';
import { createAuthority, type Authority, type Identity } from '../support/certificates.js';
import { quietTemporal } from '../support/quiet-temporal.js';
import { sharedTemporal, type SharedTemporal } from '../support/shared-temporal.js';
import { startTemporalFront } from '../support/temporal-front.js';
import { WAIT } from '../support/wait.js';
import { builtWorkflows } from '../support/workflow-bundle.js';

let temporal: SharedTemporal;
let authority: Authority;
let first: Identity;
let second: Identity;
beforeAll(async () => {
  quietTemporal();
  temporal = await sharedTemporal();
  authority = createAuthority();
  first = authority.issue('first');
  second = authority.issue('second');
});
afterAll(() => {
  rmSync(authority.folder, { recursive: true });
});

let folders = 0;

/** A front, and files like those of a Kubernetes secret, whose links change all at once. */
async function stage({ apiKey }: { readonly apiKey?: string } = {}) {
  const front = await startTemporalFront({ authority, temporal: temporal.address });
  onTestFinished(() => front.stop());
  folders += 1;
  const folder = join(authority.folder, `secret-${String(folders)}`);
  mkdirSync(folder);
  const file = (name: string) => join(folder, name);
  const write = (name: string, content: string) => {
    writeFileSync(file(name), content);
  };
  let versions = 0;
  const link = ({ certificate, key }: Identity) => {
    versions += 1;
    const version = file(`version-${String(versions)}`);
    mkdirSync(version);
    writeFileSync(join(version, 'tls.crt'), certificate);
    writeFileSync(join(version, 'tls.key'), key);
    if (versions > 1) unlinkSync(file('data'));
    symlinkSync(version, file('data'));
  };
  link(first);
  if (apiKey !== undefined) write('api-key', `${apiKey}\n`);
  const config = readClientConfig({
    TEMPORAL_ADDRESS: front.address,
    TEMPORAL_NAMESPACE: temporal.namespace,
    TEMPORAL_TLS_CLIENT_CERT_PATH: file('data/tls.crt'),
    TEMPORAL_TLS_CLIENT_KEY_PATH: file('data/tls.key'),
    TEMPORAL_TLS_SERVER_CA_CERT_PATH: authority.certificateFile,
    ...(apiKey !== undefined && { TEMPORAL_API_KEY_FILE: file('api-key') }),
  });
  const lines: string[] = [];
  const logger = createLogger({
    level: 'info',
    role: 'worker',
    destination: { write: (line) => void lines.push(line) },
  });
  return { front, config, logger, lines, write, link };
}
type Stage = Awaited<ReturnType<typeof stage>>;

async function clientOf({ config, logger }: Stage) {
  const { client, connection } = await createTemporalClient(config, { serviceName: 'test', logger, connection: {} });
  onTestFinished(() => connection.close());
  return async () => {
    const { count } = await client.withDeadline(Date.now() + 20_000, () => client.workflow.count());
    expect(count).toBeGreaterThanOrEqual(0);
  };
}

describe('the client of a webhook or a command', () => {
  test('presents new certificates when it reconnects', async () => {
    const set = await stage();
    const call = await clientOf(set);
    await call();
    set.link(second);
    set.front.refuse('first');
    set.front.cut();
    await call();
    expect(set.front.names.at(-1)).toBe('second');
    expect(set.front.names[0]).toBe('first');
    expect(set.lines.join('')).toContain('used from now on');
  });

  test('keeps the old pair until the new certificate and the new key fit', async () => {
    const set = await stage();
    const call = await clientOf(set);
    await call();
    set.write('data/tls.crt', second.certificate);
    set.front.cut();
    await call();
    expect(set.front.names.at(-1)).toBe('first');
    expect(set.lines.join('')).toContain('the certificate and the key do not belong together');
    set.write('data/tls.key', second.key.slice(0, 40));
    set.front.cut();
    await call();
    expect(set.front.names.at(-1)).toBe('first');
    set.write('data/tls.key', second.key);
    set.front.cut();
    await call();
    expect(set.front.names.at(-1)).toBe('second');
    expect(set.lines.join('')).not.toContain('PRIVATE');
  });

  test('sends a new API key, beside certificates, with the next call', async () => {
    const set = await stage({ apiKey: 'key-1' });
    const call = await clientOf(set);
    await call();
    set.write('api-key', 'key-2\n');
    await call();
    set.write('api-key', '');
    await call();
    expect(set.front.authorizations).toEqual(['Bearer key-1', 'Bearer key-2', 'Bearer key-2']);
    expect(set.lines.join('')).not.toContain('key-2');
  });
});

async function workerOf({ config: { temporal: at }, logger }: Stage, taskQueue: string) {
  const abort = new AbortController();
  const options = {
    temporal: at,
    current: createCurrentOptions({ temporal: at, logger }),
    route: { kind: 'direct' },
    logger,
    signal: abort.signal,
  } as const;
  const renewed = createRenewedConnection({
    ...options,
    connection: await connectToTemporal(options),
    lookEveryMs: 50,
    keepOldMs: 500,
  });
  const worker = await createDeliveryWorker({
    connection: renewed.connection,
    namespace: at.namespace,
    taskQueue,
    activities: fakeActivities,
    worker: builtWorkflows,
  });
  const running = worker.run();
  renewed.keepRenewed(worker.workers.map((one) => one.worker));
  onTestFinished(async () => {
    abort.abort();
    worker.shutdown();
    await running;
    await renewed.close();
  });
  return { calls: new Client({ connection: renewed.calls, namespace: at.namespace }), worker };
}

/** Starts a delivery past the front, and waits until the worker has sent it. */
async function delivers(taskQueue: string): Promise<void> {
  const connection = await Connection.connect({ address: temporal.address });
  onTestFinished(() => connection.close());
  const client = new Client({ connection, namespace: temporal.namespace });
  const delivery = await createDeliveryClient({ client, taskQueue }).start(message());
  await vi.waitFor(async () => {
    expect((await delivery.status()).phase).toBe('AWAITING_DELIVERY');
  }, WAIT);
}

test("a backend's client presents new certificates and a new API key", async () => {
  const set = await stage({ apiKey: 'key-1' });
  const { options, files } = set.config.temporal;
  const [certificateFile = '', keyFile = '', authorityFile = '', apiKeyFile = ''] = files?.paths ?? [];
  const given = { address: options.address ?? '', certificateFile, keyFile, authorityFile, apiKeyFile };
  const connection = await Connection.connect(connectionOptionsFromFiles(given));
  onTestFinished(() => connection.close());
  set.link(second);
  set.write('api-key', 'key-2');
  set.front.cut();
  await connection.workflowService.getSystemInfo({});
  expect([set.front.names.at(-1), set.front.authorizations.at(-1)]).toEqual(['second', 'Bearer key-2']);
  expect(() => connectionOptionsFromFiles({ address: given.address, certificateFile })).toThrow(TypeError);
});

describe('a worker', () => {
  test('goes on with new certificates when the old ones end, and shuts down cleanly', async () => {
    const set = await stage();
    const { calls, worker } = await workerOf(set, 'renewed');
    await delivers('renewed');
    set.link(second);
    await vi.waitFor(() => {
      expect(set.lines.join('')).toContain('connected to Temporal with the new certificates');
    }, WAIT);
    set.front.refuse('first');
    set.front.cut();
    const before = set.front.names.length;
    await delivers('renewed');
    expect((await calls.workflow.count()).count).toBeGreaterThan(0);
    expect(set.front.names.slice(before)).toContain('second');
    expect(worker.workers.map((one) => one.worker.getState())).toEqual(worker.workers.map(() => 'RUNNING'));
  });

  test('keeps the old connection while Temporal refuses the new certificates', async () => {
    const set = await stage();
    await workerOf(set, 'refused');
    set.front.refuse('second');
    set.link(second);
    await vi.waitFor(() => {
      expect(set.lines.join('')).toContain('the old ones stay in use');
    }, WAIT);
    await delivers('refused');
  });

  test('sends a new API key', async () => {
    const set = await stage({ apiKey: 'key-1' });
    await workerOf(set, 'key');
    await delivers('key');
    set.write('api-key', 'key-2');
    await vi.waitFor(() => {
      expect(set.front.authorizations.at(-1)).toBe('Bearer key-2');
      // A poll with the old key may have begun just now, and lasts a minute.
    }, WAIT + 30_000);
    await delivers('key');
    expect(set.front.names.every((name) => name === 'first')).toBe(true);
  });

  test('that waits for Temporal presents the certificates of the moment', async () => {
    const set = await stage();
    set.front.refuse('first');
    const { temporal: at } = set.config;
    const options = { temporal: at, current: createCurrentOptions({ temporal: at }), logger: set.logger };
    const connecting = connectToTemporal({
      ...options,
      signal: new AbortController().signal,
      pauseMs: { first: 50, longest: 50 },
    });
    await vi.waitFor(() => {
      expect(set.lines.join('')).toContain('waiting for Temporal');
    }, WAIT);
    set.link(second);
    const connection = await connecting;
    expect(set.front.names.at(-1)).toBe('second');
    await connection.close();
  });
});
