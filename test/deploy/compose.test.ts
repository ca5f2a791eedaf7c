import { execFileSync, spawnSync } from 'node:child_process';
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { clientVariables, readStarterConfig } from '../../src/config/client-config.js';
import { readCodecServerConfig } from '../../src/config/codec-server-config.js';
import { temporalVariables } from '../../src/config/temporal-connection.js';
import { readWebhookConfig, webhookVariables } from '../../src/config/webhook-config.js';
import { readWorkerConfig, workerVariables } from '../../src/config/worker-config.js';
import { SEARCH_ATTRIBUTES } from '../../src/contract/search-attributes.js';
import { startDevServer, type DevServer } from '../../dev/temporal/dev-server.js';
import { findTemporalCli } from '../../dev/temporal/find-temporal-cli.js';
import { keyText } from '../encryption/test-keys.js';

const INSTALL_LIMIT = 300_000;

/** Finds docker-compose or Docker's compose plugin. As root on Debian it installs the package. Throws if there is none. */
function composeCommand(): [string, ...string[]] {
  const works = (command: string, ...args: string[]) => spawnSync(command, args).status === 0;
  if (works('docker-compose', 'version')) return ['docker-compose'];
  if (works('docker', 'compose', 'version')) return ['docker', 'compose'];
  if (process.getuid?.() === 0 && works('apt-get', '--version')) {
    const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
    execFileSync('apt-get', ['update', '-qq'], { env });
    execFileSync('apt-get', ['install', '-y', '-qq', 'docker-compose'], { env });
    return ['docker-compose'];
  }
  throw new Error(
    'docker-compose is missing: install it, or Docker with its compose plugin (no Docker engine is needed)',
  );
}

/** The lines of one service in the output of `docker-compose config`. */
const serviceOf = (config: string, service: string) =>
  new RegExp(`^  ${service}:\\n((?: {3,}.*\\n)*)`, 'm').exec(`${config}\n`)?.[1] ?? '';

/** The environment variables that a service's process gets. */
function environmentOf(config: string, service: string): Record<string, string> {
  const [, lines = ''] = /^ {4}environment:\n((?: {6}.*\n)*)/m.exec(serviceOf(config, service)) ?? [];
  const pairs = [...lines.matchAll(/^ {6}(\w+): ?(.*)$/gm)];
  return Object.fromEntries(pairs.map(([, name = '', value = '']) => [name, value.replace(/^(['"])(.*)\1$/, '$2')]));
}

describe('docker-compose.yml', () => {
  const PAYLOAD_ENCRYPTION_KEYS = keyText('a');
  let config = '';
  let configWithKeys = '';
  let configWithVersion = '';
  beforeAll(() => {
    const [command, ...args] = composeCommand();
    const configOf = (env: NodeJS.ProcessEnv) =>
      execFileSync(command, [...args, '--profile', 'simulator', '--profile', 'codec', 'config'], {
        encoding: 'utf8',
        env: { ...process.env, PAYLOAD_ENCRYPTION_KEYS: '', ...env },
      });
    config = configOf({});
    configWithKeys = configOf({ PAYLOAD_ENCRYPTION_KEYS });
    configWithVersion = configOf({ TEMPORAL_DEPLOYMENT_NAME: 'rcs-delivery', TEMPORAL_WORKER_BUILD_ID: '1.5.0' });
  }, INSTALL_LIMIT);
  /** Stands for the file that exists in the container. */
  const GOOGLE_APPLICATION_CREDENTIALS = import.meta.filename;

  test.each([
    'postgresql',
    'temporal-schema',
    'temporal',
    'temporal-namespace',
    'temporal-ui',
    'worker',
    'webhook',
    'codec-server',
    'simulator',
  ])('has %s', (service) => {
    expect(config).toMatch(new RegExp(`^  ${service}:$`, 'm'));
  });

  test('publishes Temporal and its Web UI on the loopback interface only', () => {
    const published = config.match(/(?:127\.0\.0\.1:)?(?:7233|8233|8090):\d+/g) ?? [];
    const hosts = config.includes('host_ip: 127.0.0.1') || published.every((port) => port.startsWith('127.0.0.1'));
    expect(hosts).toBe(true);
  });

  test('gives each role a valid environment', () => {
    const worker = { ...environmentOf(config, 'worker'), GOOGLE_APPLICATION_CREDENTIALS };
    expect(readWorkerConfig(worker)).toMatchObject({
      temporal: { address: 'temporal:7233' },
      rbm: { credentialsFile: GOOGLE_APPLICATION_CREDENTIALS },
      sms: [{ provider: 'http' }],
    });
    expect(readWebhookConfig(environmentOf(config, 'webhook'))).toMatchObject({
      rbmClientTokens: ['simulated-client-token'],
      sms: { http: {} },
    });
  });

  test.each([
    ['worker', 'HEALTH_PORT'],
    ['webhook', 'WEBHOOK_PORT'],
  ])('asks the %s for its health on the port that it listens on', (service, variable) => {
    const port = environmentOf(config, service)[variable] ?? '8080';
    expect(serviceOf(config, service)).toContain(`http://127.0.0.1:${port}/healthz`);
  });

  test('shows values that production mode refuses, for the simulator only', () => {
    const worker = environmentOf(config, 'worker');
    expect(worker['NODE_ENV']).toBe('development');
    expect(readStarterConfig(worker).recipientHashKey).toBe(worker['RECIPIENT_HASH_KEY']);
    const NODE_ENV = 'production';
    expect(() => readStarterConfig({ ...worker, NODE_ENV })).toThrow(/RECIPIENT_HASH_KEY is published/);
    expect(() => readWorkerConfig({ ...worker, GOOGLE_APPLICATION_CREDENTIALS, NODE_ENV })).toThrow(
      /RBM_ENDPOINT must be https/,
    );
    expect(() => readWebhookConfig({ ...environmentOf(config, 'webhook'), NODE_ENV })).toThrow(
      /RBM_WEBHOOK_CLIENT_TOKEN is published/,
    );
  });

  test('passes the shell’s encryption keys to every role that reads payloads', () => {
    const [worker, webhook, codec] = ['worker', 'webhook', 'codec-server'].map((name) => ({
      with: environmentOf(configWithKeys, name),
      without: environmentOf(config, name),
    }));
    const keyIds = ({ encryptionKeys = [] }: { readonly encryptionKeys?: readonly { readonly id: string }[] }) =>
      encryptionKeys.map(({ id }) => id);
    expect(keyIds(readWorkerConfig({ ...worker?.with, GOOGLE_APPLICATION_CREDENTIALS }))).toEqual(['a']);
    expect(keyIds(readStarterConfig(worker?.with))).toEqual(['a']);
    expect(keyIds(readWebhookConfig(webhook?.with))).toEqual(['a']);
    expect(keyIds(readWorkerConfig({ ...worker?.without, GOOGLE_APPLICATION_CREDENTIALS }))).toEqual([]);
    expect(keyIds(readWebhookConfig(webhook?.without))).toEqual([]);
    expect(readCodecServerConfig(codec?.with)).toMatchObject({
      encryptionKeys: [{ id: 'a' }],
      host: '127.0.0.1',
      uiOrigin: 'http://localhost:8233',
    });
    expect(() => readCodecServerConfig(codec?.without)).toThrow(/PAYLOAD_ENCRYPTION_KEYS is missing/);
  });

  test('passes the shell’s worker version to the worker, and none by default', () => {
    const read = (text: string) =>
      readWorkerConfig({ ...environmentOf(text, 'worker'), GOOGLE_APPLICATION_CREDENTIALS }).version;
    expect(read(configWithVersion)).toEqual({ deploymentName: 'rcs-delivery', buildId: '1.5.0' });
    expect(read(config)).toBeUndefined();
  });

  test('gives each role only its own secrets', () => {
    const secretsOf = (service: string) =>
      Object.entries(environmentOf(configWithKeys, service))
        .filter(([name, value]) => /TOKEN|SECRET|KEY|CREDENTIALS/.test(name) && value !== '')
        .map(([name]) => name)
        .sort();
    const keys = ['PAYLOAD_ENCRYPTION_KEYS', 'RECIPIENT_HASH_KEY'];
    expect(secretsOf('worker')).toEqual(['GOOGLE_APPLICATION_CREDENTIALS', ...keys, 'SMS_HTTP_TOKEN']);
    expect(secretsOf('webhook')).toEqual([keys[0], 'RBM_WEBHOOK_CLIENT_TOKEN', keys[1], 'SMS_WEBHOOK_SECRET']);
    // What deploy/compose.env may set as well. An empty variable here takes precedence over that file.
    const blank = ['GOOGLE_APPLICATION_CREDENTIALS', 'SMS_HTTP_TOKEN', 'TWILIO_API_KEY_SECRET', 'TWILIO_API_KEY_SID'];
    const blanked = Object.entries(environmentOf(config, 'webhook')).flatMap(([name, value]) =>
      value === '' ? [name] : [],
    );
    expect(blanked.sort()).toEqual(expect.arrayContaining(blank));
    expect(secretsOf('codec-server')).toEqual(['PAYLOAD_ENCRYPTION_KEYS']);
    const withKeyFile = ['worker', 'webhook', 'codec-server'].filter((service) =>
      serviceOf(config, service).includes('/run/rbm'),
    );
    // The environment contains the path, too. The volume decides whether the file is there.
    expect(withKeyFile).toEqual(['worker']);
    expect(serviceOf(config, 'webhook')).not.toMatch(/volumes:/);
  });

  test('keeps closed deliveries for 8 days', () => {
    expect(environmentOf(config, 'temporal-namespace')['RETENTION']).toBe('192h');
  });

  test('the image runs in production mode', async () => {
    const [, runtime = ''] = /^FROM \S+ AS runtime\n([^]*?)^FROM /m.exec(await readFile('Dockerfile', 'utf8')) ?? [];
    expect(runtime).toMatch(/^ENV NODE_ENV=production$/m);
  });

  test('sets no variable that no role reads', async () => {
    const names = (await readFile('deploy/compose.env', 'utf8')).match(/^[A-Z_]+(?==)/gm) ?? [];
    const known = [workerVariables, webhookVariables, clientVariables, temporalVariables].flatMap(({ shape }) =>
      Object.keys(shape),
    );
    expect(names.length).toBeGreaterThan(5);
    for (const name of names) expect(known).toContain(name);
  });
});

describe('the scripts that the containers run', () => {
  let server: DevServer;
  let env: NodeJS.ProcessEnv;
  let dir: string;
  beforeAll(async () => {
    const own = { ...process.env, TEMPORAL_ADDRESS: '' };
    server = await startDevServer({ env: own, searchAttributes: {} });
    const { path } = await findTemporalCli({ env: own });
    dir = await mkdtemp(join(tmpdir(), 'deploy-'));
    // In the container it is `temporal` on the PATH.
    await writeFile(join(dir, 'temporal'), `#!/bin/sh\nexec '${path}' "$@"\n`);
    await chmod(join(dir, 'temporal'), 0o755);
    env = {
      ...process.env,
      PATH: [dir, dirname(process.execPath), process.env['PATH']].join(delimiter),
      TEMPORAL_ADDRESS: server.address,
      TEMPORAL_NAMESPACE: 'deliveries',
    };
  });
  afterAll(async () => {
    await server.stop();
    await rm(dir, { recursive: true });
  });
  const run = (command: string, ...args: string[]) =>
    execFileSync(command, args, { env, encoding: 'utf8', stdio: 'pipe' });

  test('temporal-namespace.sh creates the namespace and the search attributes, and may run twice', () => {
    run('sh', 'deploy/temporal-namespace.sh');
    run('sh', 'deploy/temporal-namespace.sh');
    const list = run('temporal', 'operator', 'search-attribute', 'list', '--namespace', 'deliveries');
    for (const [name, type] of Object.entries(SEARCH_ATTRIBUTES)) {
      expect(list).toMatch(new RegExp(`\\b${name}\\s+${type}\\b`, 'i'));
    }
  });

  test('temporal-namespace.sh keeps closed deliveries as long as they need, also in a namespace that exists', () => {
    const settings = () => run('temporal', 'operator', 'namespace', 'describe', '--namespace', 'deliveries');
    const kept = () => /RetentionTtl\s+(\S+)/.exec(settings())?.[1];
    run('sh', 'deploy/temporal-namespace.sh');
    expect(kept()).toBe('192h0m0s');
    run('temporal', 'operator', 'namespace', 'update', '--namespace', 'deliveries', '--retention', '24h');
    expect(kept()).toBe('24h0m0s');
    run('sh', 'deploy/temporal-namespace.sh');
    expect(kept()).toBe('192h0m0s');
  });

  test('temporal-schema.sh creates both databases and passes the password only in the environment', async () => {
    const log = join(dir, 'calls');
    await writeFile(join(dir, 'temporal-sql-tool'), `#!/bin/sh\necho "$SQL_PASSWORD|$*" >> '${log}'\n`);
    await chmod(join(dir, 'temporal-sql-tool'), 0o755);
    const database = { POSTGRES_SEEDS: 'db', POSTGRES_USER: 'temporal', POSTGRES_PWD: 'secret' };
    execFileSync('sh', ['deploy/temporal-schema.sh'], { env: { ...env, ...database } });
    const calls = (await readFile(log, 'utf8')).trim().split('\n');
    const tool = (db: string, rest: string) =>
      `secret|--plugin postgres12 --ep db --port 5432 --user temporal --db ${db} ${rest}`;
    expect(calls).toEqual([
      tool('temporal', 'create'),
      tool('temporal', 'setup-schema -v 0.0'),
      tool('temporal', 'update-schema --schema-name postgresql/v12/temporal'),
      tool('temporal_visibility', 'create'),
      tool('temporal_visibility', 'setup-schema -v 0.0'),
      tool('temporal_visibility', 'update-schema --schema-name postgresql/v12/visibility'),
    ]);
  });
});
