import { execFileSync, spawnSync } from 'node:child_process';
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { clientVariables } from '../../src/config/client-config.js';
import { temporalVariables } from '../../src/config/temporal-connection.js';
import { webhookVariables } from '../../src/config/webhook-config.js';
import { workerVariables } from '../../src/config/worker-config.js';
import { SEARCH_ATTRIBUTES } from '../../src/contract/search-attributes.js';
import { startDevServer, type DevServer } from '../../dev/temporal/dev-server.js';
import { findTemporalCli } from '../../dev/temporal/find-temporal-cli.js';

const INSTALL_LIMIT = 300_000;

/** Debian's docker-compose, Docker's own plugin, or, as root on Debian, the package installed now. */
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

describe('docker-compose.yml', () => {
  let config = '';
  beforeAll(() => {
    const [command, ...args] = composeCommand();
    config = execFileSync(command, [...args, '--profile', 'simulator', 'config'], { encoding: 'utf8' });
  }, INSTALL_LIMIT);

  test.each([
    'postgresql',
    'temporal-schema',
    'temporal',
    'temporal-namespace',
    'temporal-ui',
    'worker',
    'webhook',
    'simulator',
  ])('has %s', (service) => {
    expect(config).toMatch(new RegExp(`^  ${service}:$`, 'm'));
  });

  test('publishes Temporal and its Web UI on this machine only', () => {
    const published = config.match(/(?:127\.0\.0\.1:)?(?:7233|8233|8090):\d+/g) ?? [];
    const hosts = config.includes('host_ip: 127.0.0.1') || published.every((port) => port.startsWith('127.0.0.1'));
    expect(hosts).toBe(true);
  });

  test('sets only variables that a role reads', async () => {
    const names = (await readFile('deploy/compose.env', 'utf8')).match(/^[A-Z_]+(?==)/gm) ?? [];
    const known = [workerVariables, webhookVariables, clientVariables, temporalVariables].flatMap(({ shape }) =>
      Object.keys(shape),
    );
    expect(names.length).toBeGreaterThan(5);
    for (const name of names) expect(known).toContain(name);
  });
});

describe('what the containers do', () => {
  let server: DevServer;
  let env: NodeJS.ProcessEnv;
  let dir: string;
  beforeAll(async () => {
    const own = { ...process.env, TEMPORAL_ADDRESS: '' };
    server = await startDevServer({ env: own, searchAttributes: {} });
    const { path } = await findTemporalCli({ env: own });
    dir = await mkdtemp(join(tmpdir(), 'deploy-'));
    // The container has it as `temporal` on its PATH.
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

  test('temporal-namespace.sh creates the namespace and the search attributes, and may be repeated', () => {
    run('sh', 'deploy/temporal-namespace.sh');
    run('sh', 'deploy/temporal-namespace.sh');
    const list = run('temporal', 'operator', 'search-attribute', 'list', '--namespace', 'deliveries');
    for (const [name, type] of Object.entries(SEARCH_ATTRIBUTES)) {
      expect(list).toMatch(new RegExp(`\\b${name}\\s+${type}\\b`, 'i'));
    }
  });

  test('temporal-schema.sh makes both databases, with the password only in the environment', async () => {
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
