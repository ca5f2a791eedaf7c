import { execFileSync, spawnSync } from 'node:child_process';
import { chmod, copyFile, cp, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { clientVariables, readStarterConfig } from '../../src/config/client-config.js';
import { readCodecServerConfig } from '../../src/config/codec-server-config.js';
import { temporalVariables } from '../../src/config/temporal-connection.js';
import { readWebhookConfig, webhookVariables } from '../../src/config/webhook-config.js';
import { readWorkerConfig, workerVariables } from '../../src/config/worker-config.js';
import { SEARCH_ATTRIBUTES } from '../../src/contract/search-attributes.js';
import { startDevServer, type DevServer } from '../../dev/temporal/dev-server.js';
import { findTemporalCli } from '../../dev/temporal/find-temporal-cli.js';

const INSTALL_LIMIT = 300_000;

const SERVICES = [
  'postgresql',
  'temporal-schema',
  'temporal',
  'temporal-namespace',
  'temporal-ui',
  'worker',
  'webhook',
  'codec-server',
  'simulator',
];

/** What the roles read. */
const KNOWN = [workerVariables, webhookVariables, clientVariables, temporalVariables].flatMap(({ shape }) =>
  Object.keys(shape),
);

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

/** A folder with what the deployment needs, as in a fresh clone. */
async function freshClone(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'compose-'));
  await copyFile('docker-compose.yml', join(folder, 'docker-compose.yml'));
  const filter = (path: string) => !path.startsWith('deploy/secrets');
  await cp('deploy', join(folder, 'deploy'), { recursive: true, filter });
  return folder;
}

const makeEnv = (folder: string, ...args: string[]) =>
  spawnSync('sh', ['deploy/make-env.sh', ...args], { cwd: folder, encoding: 'utf8' });

describe('docker-compose.yml', () => {
  const clones: string[] = [];
  /** With the simulator's secrets, and with a deployment's own. */
  let config = '';
  let own = '';
  let configWithVersion = '';
  let withoutSecrets: ReturnType<typeof spawnSync>;
  beforeAll(async () => {
    const [command, ...args] = composeCommand();
    const compose = (cwd: string, env: NodeJS.ProcessEnv = {}) =>
      spawnSync(command, [...args, '--profile', 'simulator', '--profile', 'codec', 'config'], {
        cwd,
        encoding: 'utf8',
        env: { ...process.env, POSTGRES_PASSWORD: undefined, TEMPORAL_NAMESPACE: undefined, ...env },
      });
    const [simulated, real] = [await freshClone(), await freshClone()];
    clones.push(simulated, real);
    withoutSecrets = compose(simulated);
    expect(makeEnv(simulated, 'simulator').status).toBe(0);
    expect(makeEnv(real).status).toBe(0);
    config = compose(simulated).stdout;
    own = compose(real).stdout;
    const version = { TEMPORAL_DEPLOYMENT_NAME: 'rcs-delivery', TEMPORAL_WORKER_BUILD_ID: '1.5.0' };
    configWithVersion = compose(simulated, { ...version, TEMPORAL_NAMESPACE: 'deliveries' }).stdout;
  }, INSTALL_LIMIT);
  afterAll(() => Promise.all(clones.map((clone) => rm(clone, { recursive: true }))));
  /** Stands for the file that exists in the container. */
  const GOOGLE_APPLICATION_CREDENTIALS = import.meta.filename;

  test.each(SERVICES)('has %s', (service) => {
    expect(config).toMatch(new RegExp(`^  ${service}:$`, 'm'));
  });

  test('publishes every port on the loopback interface only', async () => {
    const published = [...(await readFile('docker-compose.yml', 'utf8')).matchAll(/^ +ports:(.*)$/gm)];
    expect(published.map(([, ports = '']) => ports.trim())).toEqual([
      "['127.0.0.1:7233:7233']",
      "['127.0.0.1:8233:8080']",
      "['127.0.0.1:8080:8080']",
      "['127.0.0.1:8090:8090']",
    ]);
  });

  test('gives each role a valid environment', () => {
    const worker = { ...environmentOf(config, 'worker'), GOOGLE_APPLICATION_CREDENTIALS };
    expect(readWorkerConfig(worker)).toMatchObject({
      temporal: { address: 'temporal:7233' },
      rbm: { credentialsFile: GOOGLE_APPLICATION_CREDENTIALS },
      sms: [{ provider: 'http' }],
    });
    expect(readWebhookConfig(environmentOf(config, 'webhook'))).toMatchObject({ sms: { http: {} } });
  });

  test('has no password or secret of its own: without make-env.sh nothing starts', async () => {
    expect(withoutSecrets.status).not.toBe(0);
    expect(String(withoutSecrets.stderr)).toContain('run sh deploy/make-env.sh');
    // No other default, wherever a password is read.
    const read = (await readFile('docker-compose.yml', 'utf8')).match(
      /\$\{\w*(?:PASSWORD|PWD|TOKEN|SECRET|KEY)\w*.*?\}/g,
    );
    expect(new Set(read)).toEqual(new Set(['${POSTGRES_PASSWORD:?is missing: run sh deploy/make-env.sh}']));
    const secrets = (text: string) =>
      [...text.matchAll(/^ +(\w*(?:PASSWORD|PWD|TOKEN|SECRET|_KEYS?)): (.+)$/gm)].map(([, , value]) => value);
    expect(secrets(config).length).toBeGreaterThan(8);
    expect(secrets(own).filter((secret) => secret !== "''" && secrets(config).includes(secret))).toEqual([]);
  });

  test.each([
    ['worker', 'HEALTH_PORT', ''],
    ['webhook', 'WEBHOOK_ADMIN_PORT', ''],
    ['codec-server', 'CODEC_SERVER_PORT', '8088'],
    ['simulator', 'SIMULATOR_PORT', ''],
  ])('asks the %s for its health on the port that it listens on', (service, variable, byDefault) => {
    const port = environmentOf(config, service)[variable] ?? byDefault;
    expect(serviceOf(config, service)).toContain(`http://127.0.0.1:${port}/healthz`);
  });

  test('the webhook answers metrics and probes on a port that is not published, and Prometheus asks there', async () => {
    const { port, adminPort } = readWebhookConfig(environmentOf(config, 'webhook'));
    expect(adminPort).toBeDefined();
    expect(serviceOf(config, 'webhook')).not.toContain(`${String(adminPort)}:${String(adminPort)}`);
    expect(serviceOf(config, 'webhook')).toContain(`127.0.0.1:8080:${String(port)}`);
    const targets = (await readFile('deploy/prometheus/prometheus.yml', 'utf8')).match(/(?<=targets: \[')[\w:]+/g);
    expect(targets).toEqual([
      `worker:${environmentOf(config, 'worker')['METRICS_PORT'] ?? ''}`,
      `webhook:${String(adminPort)}`,
    ]);
  });

  test('gives every service the namespace of the shell', () => {
    const namespaces = (text: string) =>
      ['temporal-namespace', 'worker', 'webhook'].map((service) => environmentOf(text, service)['TEMPORAL_NAMESPACE']);
    expect(new Set(namespaces(config))).toEqual(new Set(['default']));
    expect(new Set(namespaces(configWithVersion))).toEqual(new Set(['deliveries']));
  });

  test('starts deliveries in production mode, with a hash key', () => {
    // The image sets it, and nothing here changes it.
    expect(environmentOf(config, 'worker')).not.toHaveProperty('NODE_ENV');
    const worker: Record<string, string> = { ...environmentOf(config, 'worker'), NODE_ENV: 'production' };
    expect(readStarterConfig(worker).recipientHashKey).toBe(worker['RECIPIENT_HASH_KEY']);
    expect(() => readStarterConfig({ ...worker, RECIPIENT_HASH_KEY: '' })).toThrow(/RECIPIENT_HASH_KEY is missing/);
    expect(environmentOf(config, 'webhook')['RECIPIENT_HASH_KEY']).toBe(worker['RECIPIENT_HASH_KEY']);
  });

  test('encrypts with a key of its own for the webhook, which the others can read', () => {
    const filled = { SMS_HTTP_URL: 'https://sms.example.com', SMS_HTTP_TOKEN: 'token', GOOGLE_APPLICATION_CREDENTIALS };
    const ids = ({ encryptionKeys = [] }: { readonly encryptionKeys?: readonly { readonly id: string }[] }) =>
      encryptionKeys.map(({ id }) => id.replace(/-.*/, ''));
    expect(ids(readWorkerConfig({ ...environmentOf(own, 'worker'), ...filled }))).toEqual(['worker', 'webhook']);
    expect(ids(readWebhookConfig(environmentOf(own, 'webhook')))).toEqual(['webhook']);
    const codec = readCodecServerConfig(environmentOf(own, 'codec-server'));
    expect(ids(codec)).toEqual(['worker', 'webhook']);
    expect(codec).toMatchObject({ host: '127.0.0.1' });
  });

  test('passes the shell’s worker version to the worker, and none by default', () => {
    const read = (text: string) =>
      readWorkerConfig({ ...environmentOf(text, 'worker'), GOOGLE_APPLICATION_CREDENTIALS }).version;
    expect(read(configWithVersion)).toEqual({ deploymentName: 'rcs-delivery', buildId: '1.5.0' });
    expect(read(config)).toBeUndefined();
  });

  test('gives each container only its own secrets', () => {
    const secretsOf = (text: string, service: string) =>
      Object.keys(environmentOf(text, service))
        .filter((name) => /PASSWORD|PWD|TOKEN|SECRET|KEY|CREDENTIALS/.test(name))
        .sort();
    const rcs = ['GOOGLE_APPLICATION_CREDENTIALS', 'RECIPIENT_HASH_KEY', 'SMS_HTTP_TOKEN'];
    const receipts = ['RBM_WEBHOOK_CLIENT_TOKEN', 'RECIPIENT_HASH_KEY', 'SMS_WEBHOOK_SECRET'];
    const keys = 'PAYLOAD_ENCRYPTION_KEYS';
    expect(secretsOf(config, 'worker')).toEqual(rcs);
    expect(secretsOf(config, 'webhook')).toEqual(receipts);
    expect(secretsOf(own, 'worker')).toEqual([...rcs, keys].sort());
    expect(secretsOf(own, 'webhook')).toEqual([...receipts, keys].sort());
    expect(secretsOf(own, 'codec-server')).toEqual([keys]);
    for (const service of ['temporal-ui', 'temporal-namespace']) expect(secretsOf(own, service)).toEqual([]);
    for (const service of ['temporal', 'temporal-schema']) expect(secretsOf(own, service)).toEqual(['POSTGRES_PWD']);
    expect(secretsOf(own, 'postgresql')).toEqual(['POSTGRES_PASSWORD']);
    const withKeyFile = SERVICES.filter((service) => serviceOf(config, service).includes('credentials:/run/rbm'));
    expect(withKeyFile).toEqual(['worker', 'simulator']);
    expect(serviceOf(config, 'webhook')).not.toMatch(/volumes:/);
  });

  test.each(SERVICES)(
    'confines %s: a user without rights, no capabilities, limits, a small log, a pinned image',
    (service) => {
      const text = serviceOf(config, service);
      expect(text).toMatch(/cap_drop:\n +- ALL\n/);
      expect(text).not.toMatch(/cap_add|privileged: true|docker\.sock/);
      expect(text).toMatch(/security_opt:\n +- no-new-privileges:true\n/);
      for (const limit of ['mem_limit', 'pids_limit', 'cpus'])
        expect(text).toMatch(new RegExp(`^ +${limit}: ['"]?0?[.]?[1-9]`, 'm'));
      expect(text).toMatch(/read_only: true/);
      expect(text).toMatch(/^ {4}user: ['"]?(?:1000:1000|999:999)['"]?$/m);
      expect(text).toMatch(/driver: json-file\n +options:\n +max-file: '3'\n +max-size: 10m\n/);
      const [, image = ''] = /^ +image: (.*)$/m.exec(text) ?? [];
      expect(image).toMatch(/^rcs-message-delivery|@sha256:[0-9a-f]{64}$/);
    },
  );

  test('the webhook is on a network of its own with the proxy, and only Temporal reaches PostgreSQL', () => {
    const on = (network: string) =>
      SERVICES.filter((service) => new RegExp(`^ {6}${network}: `, 'm').test(serviceOf(config, service)));
    expect(on('edge')).toEqual(['webhook']);
    expect(on('database')).toEqual(['postgresql', 'temporal-schema', 'temporal']);
    expect(on('back')).toEqual(['temporal', 'temporal-namespace', 'temporal-ui', 'worker', 'webhook', 'simulator']);
    expect(config).toMatch(/^ {2}database:\n {4}internal: true$/m);
  });

  test('the Web UI, which has no login, changes nothing', () => {
    expect(environmentOf(config, 'temporal-ui')['TEMPORAL_DISABLE_WRITE_ACTIONS']).toBe('true');
  });

  test('the roles run as a user that is a number and not root', async () => {
    const stages = (await readFile('Dockerfile', 'utf8')).split(/^FROM /m);
    const images = stages.filter((stage) => stage.includes('ENTRYPOINT'));
    expect(images).toHaveLength(2);
    for (const image of images) expect(image).toMatch(/^USER 1000:1000\nENTRYPOINT/m);
    expect(stages.filter((stage) => /^\S+:/.test(stage))).toEqual([
      expect.stringMatching(/^\S+@sha256:[0-9a-f]{64} AS /),
    ]);
  });

  test('compose.env holds no secret, and everything in it is read by some role', async () => {
    const names = (await readFile('deploy/compose.env', 'utf8')).match(/^[A-Z_]+(?==)/gm) ?? [];
    expect(names.length).toBeGreaterThan(1);
    expect(names.filter((name) => /PASSWORD|TOKEN|SECRET|KEY|CREDENTIALS/.test(name))).toEqual([]);
    for (const service of ['worker', 'webhook'])
      for (const name of Object.keys(environmentOf(own, service))) expect(KNOWN).toContain(name);
  });

  test('keeps closed deliveries for 8 days', () => {
    expect(environmentOf(config, 'temporal-namespace')['RETENTION']).toBe('192h');
  });

  test('the image runs in production mode', async () => {
    const [, runtime = ''] = /^FROM \S+ AS runtime\n([^]*?)^FROM /m.exec(await readFile('Dockerfile', 'utf8')) ?? [];
    expect(runtime).toMatch(/^ENV NODE_ENV=production$/m);
  });
});

describe('deploy/make-env.sh', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await freshClone();
  });
  afterAll(() => rm(folder, { recursive: true }));
  const secret = (file: string) => readFile(join(folder, file), 'utf8');

  test('refuses what it does not know', () => {
    expect(makeEnv(folder, 'simulatr')).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('usage') as string,
    });
  });

  test('writes files that only their owner reads, keeps what is in .env, and overwrites nothing', async () => {
    await writeFile(join(folder, '.env'), 'NUM_HISTORY_SHARDS=4\n');
    expect(makeEnv(folder).status).toBe(0);
    const names = await readdir(join(folder, 'deploy/secrets'));
    expect(names.sort()).toEqual(['codec-server.env', 'simulator.env', 'webhook.env', 'worker.env']);
    for (const name of names) {
      const { mode } = await stat(join(folder, 'deploy/secrets', name));
      expect(mode & 0o077).toBe(0);
    }
    const before = [await secret('.env'), await secret('deploy/secrets/worker.env')];
    expect(before[0]).toMatch(/^NUM_HISTORY_SHARDS=4\nPOSTGRES_PASSWORD=[0-9a-f]{64}\n$/);
    const again = makeEnv(folder, 'simulator');
    expect(again).toMatchObject({ status: 1, stderr: expect.stringContaining('left as it is') as string });
    expect([await secret('.env'), await secret('deploy/secrets/worker.env')]).toEqual(before);
  });

  const PASSWORD = /^POSTGRES_PASSWORD=[0-9a-f]{64}$/m;
  test.each([
    ['its last line lacks its end', 'NUM_HISTORY_SHARDS=4', /^NUM_HISTORY_SHARDS=4\n/, PASSWORD],
    ['the password is empty', 'POSTGRES_PASSWORD=\nNUM_HISTORY_SHARDS=4\n', /^NUM_HISTORY_SHARDS=4$/m, PASSWORD],
    ['the password is empty in quotes', "POSTGRES_PASSWORD=''\r\n", PASSWORD, PASSWORD],
    ['it has a password in quotes', 'POSTGRES_PASSWORD="own"\n', /^POSTGRES_PASSWORD="own"\n$/, /own/],
  ])('makes a .env usable and private: %s', async (_what, given, ...expected) => {
    const clone = await freshClone();
    onTestFinished(() => rm(clone, { recursive: true }));
    await writeFile(join(clone, '.env'), given, { mode: 0o644 });
    expect(makeEnv(clone).status).toBe(0);
    const written = await readFile(join(clone, '.env'), 'utf8');
    for (const form of expected) expect(written).toMatch(form);
    expect((await stat(join(clone, '.env'))).mode & 0o777).toBe(0o600);
  });

  test('the package leaves out what it writes, also what a run that was stopped left', async () => {
    const { files } = JSON.parse(await readFile('package.json', 'utf8')) as { readonly files: readonly string[] };
    const script = await readFile('deploy/make-env.sh', 'utf8');
    const written = new Set(script.match(/deploy\/secrets(?:\.\w+)?(?=[/\s])/g));
    expect(written.size).toBe(2);
    for (const folder of written) expect(files).toContain(`!${folder}`);
  });

  test('keeps the password of a database that exists', async () => {
    const password = await secret('.env');
    await rm(join(folder, 'deploy/secrets'), { recursive: true });
    expect(makeEnv(folder, 'simulator').status).toBe(0);
    expect(await secret('.env')).toBe(password);
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
