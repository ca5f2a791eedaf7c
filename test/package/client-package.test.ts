import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { checkPackage, createPackageFromTarballData } from '@arethetypeswrong/core';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { packClient } from '../../dev/pack/pack.js';
import { PROJECT_ROOT } from '../../dev/temporal/project-paths.js';
import { sharedTemporal } from '../support/shared-temporal.js';
import { installPackage, type InstalledPackage } from './installed-package.js';

const NAME = 'rcs-message-delivery-client';
const ENTRIES = ['.', './testing', './message-delivery-input.schema.json', './package.json'];
interface Manifest {
  readonly [field: string]: unknown;
  readonly version: string;
  readonly dependencies: Readonly<Record<string, string>>;
  readonly peerDependencies: Readonly<Record<string, string>>;
}
const manifestIn = (folder: string) => JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Manifest;

/** Beside the newest version of Temporal's SDK, which npm installs by itself, and beside the oldest that it takes. */
let newest: InstalledPackage;
let oldest: InstalledPackage;
beforeAll(async () => {
  const options = { pack: packClient, type: 'commonjs' } as const;
  newest = await installPackage(options);
  const range = manifestIn(newest.folder).peerDependencies['@temporalio/client'] ?? '';
  oldest = await installPackage({ ...options, beside: [`@temporalio/client@${range.replace('^', '')}`] });
}, 300_000);
afterAll(async () => {
  await newest.remove();
  await oldest.remove();
});

const filesIn = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
const modulesOf = ({ project }: InstalledPackage): string[] => {
  const folders = readdirSync(join(project, 'node_modules'));
  const inScope = (name: string) => readdirSync(join(project, 'node_modules', name)).map((one) => `${name}/${one}`);
  return folders.flatMap((name) => (name.startsWith('@') ? inScope(name) : [name]));
};

test('the tarball has the version of the whole package, no scripts, and only the client', () => {
  const whole = manifestIn(PROJECT_ROOT);
  const manifest = manifestIn(newest.folder);
  expect(manifest).toMatchObject({ name: NAME, version: whole.version, license: 'Apache-2.0', type: 'commonjs' });
  expect(Object.keys(manifest)).not.toEqual(expect.arrayContaining(['scripts']));
  expect(Object.keys(manifest)).not.toEqual(expect.arrayContaining(['devDependencies']));
  const files = createPackageFromTarballData(newest.tarball).listFiles();
  const beside = new Set(files.map((file) => file.replace(`/node_modules/${NAME}/`, '').replace(/\/.*/, '/')));
  expect([...beside].sort()).toEqual([
    ...['CHANGELOG.md', 'LICENSE', 'README.md', 'dist/', 'message-delivery-input.schema.json', 'package.json'],
  ]);
  expect(
    files.filter((file) => /dist\/(?:worker|webhook|cli|roles|workflows|activities|sms|rbm)\//.test(file)),
  ).toEqual([]);
});

test('no worker, no server and no SMS library is installed with it, and it is as small as the page says', () => {
  const modules = modulesOf(newest);
  expect(modules).toEqual(expect.arrayContaining([NAME, '@temporalio/client', 'libphonenumber-js']));
  const heavy = [
    '@temporalio/worker',
    '@temporalio/core-bridge',
    '@temporalio/workflow',
    'fastify',
    'twilio',
    'webpack',
    'zod',
  ];
  expect(modules.filter((name) => heavy.includes(name))).toEqual([]);
  const bytes = filesIn(join(newest.project, 'node_modules')).reduce((sum, file) => sum + statSync(file).size, 0);
  const [, said] = /about (\d+) MB/.exec(readFileSync('docs/typescript.md', 'utf8')) ?? [];
  expect(Math.abs(bytes / 1e6 - Number(said))).toBeLessThan(5);
});

test('it exports what the whole package exports', async () => {
  for (const entry of ['index', 'testing/index']) {
    const whole = (await import(join(PROJECT_ROOT, 'dist', `${entry}.js`))) as object;
    const specifier = join(newest.folder, 'dist', entry);
    const printed = await newest.run(process.execPath, ['-p', `Object.keys(require('${specifier}')).join()`]);
    expect(
      printed
        .trim()
        .split(',')
        .filter((name) => name !== '')
        .sort(),
    ).toEqual(Object.keys(whole).sort());
  }
});

test('every module of it can be loaded, and what it imports is a dependency', async () => {
  const files = filesIn(join(newest.folder, 'dist'));
  const code = files.filter((file) => file.endsWith('.js'));
  expect(code.length).toBeGreaterThan(50);
  await newest.run(process.execPath, ['-e', `for (const file of ${JSON.stringify(code)}) require(file)`]);
  const { dependencies, peerDependencies } = manifestIn(newest.folder);
  const named = files.flatMap((file) =>
    [...readFileSync(file, 'utf8').matchAll(/(?:from |import\(|require\()['"]((?:@[^/'"]+\/)?[^./'"][^/'"]*)/g)].map(
      ([, name = '']) => name,
    ),
  );
  const packages = [...new Set(named)].filter((name) => !name.startsWith('node:')).sort();
  expect(packages).toEqual(Object.keys({ ...dependencies, ...peerDependencies }).sort());
});

test('import and require give the same classes', async () => {
  await newest.write(
    'same.mjs',
    `import { createRequire } from 'node:module';
import { DeliveryError, createDeliveryClient } from '${NAME}';
import { createFakeDeliveryClient } from '${NAME}/testing';
const required = createRequire(import.meta.url)('${NAME}');
const error = await createFakeDeliveryClient().start({}).catch((thrown) => thrown);
console.log(required.DeliveryError === DeliveryError, required.createDeliveryClient === createDeliveryClient,
  error instanceof required.InvalidInputError);`,
  );
  expect(await newest.run(process.execPath, ['same.mjs'])).toBe('true true true\n');
});

/** Starts deliveries on a real server, encrypted and not, and prints what came of it. No worker runs. */
const PROGRAM = `
const { Client, Connection } = require('@temporalio/client');
const { createDataConverter, createDeliveryClient, parseEncryptionKeys } = require('${NAME}');
const [address, namespace] = process.argv.slice(2);
const input = { agentId: 'acme', recipient: '+15550100001', contentMessage: { text: 'Hello' }, ttl: '60s', campaignId: 'packed' };
const codeOf = (error) => error.code + ' ' + error.fields;
async function main() {
  const connection = await Connection.connect({ address });
  const keys = parseEncryptionKeys('k1:' + Buffer.alloc(32, 7).toString('base64'));
  const printed = [];
  for (const dataConverter of [undefined, createDataConverter({ keys })]) {
    const client = new Client({ connection, namespace, ...(dataConverter && { dataConverter }) });
    const deliveries = createDeliveryClient({ client, searchAttributes: { recipientHashKey: 'a key for tests only, long' } });
    const messageId = require('node:crypto').randomUUID();
    const first = await deliveries.start({ ...input, messageId });
    const again = await deliveries.start({ ...input, messageId });
    const other = await deliveries.start({ ...input, messageId, ttl: '61s' }).catch(codeOf);
    const gone = await deliveries.handle({ agentId: 'acme', messageId: require('node:crypto').randomUUID() }).cancel().catch(codeOf);
    const { raw } = await client.workflow.getHandle(first.workflowId).describe();
    const { priority, searchAttributes, memo } = raw.workflowExecutionInfo;
    const started = [priority.priorityKey, priority.fairnessKey, Object.keys(searchAttributes.indexedFields).length, Object.keys(memo.fields).sort()];
    await first.cancel();
    printed.push([first.isNew, again.isNew, other, gone, started]);
  }
  console.log(JSON.stringify(printed));
  await connection.close();
}
void main();
`;

describe.each([
  ['newest', () => newest],
  ['oldest', () => oldest],
] as const)('with the %s version of the SDK that it takes', (_which, of) => {
  test('one copy of each part of the SDK is installed', () => {
    const lock = JSON.parse(readFileSync(join(of().project, 'package-lock.json'), 'utf8')) as { packages: object };
    const copies = Object.keys(lock.packages).filter((path) => /@(?:temporalio|grpc)\/[^/]+$/.test(path));
    expect(copies.sort()).toEqual([
      ...['grpc-js', 'proto-loader'].map((name) => `node_modules/@grpc/${name}`),
      ...['client', 'common', 'proto'].map((name) => `node_modules/@temporalio/${name}`),
    ]);
  });

  test('it starts deliveries, with everything that a start has', async () => {
    const { address, namespace } = await sharedTemporal();
    await of().write('program.cjs', PROGRAM);
    const printed = await of().run(process.execPath, ['program.cjs', address, namespace]);
    const started = [2, 'acme', 7, ['searchAttributes', 'shortLived']];
    const answers = [true, false, 'CONFLICT ttl', 'DELIVERY_NOT_FOUND undefined', started];
    expect(JSON.parse(printed)).toEqual([answers, answers]);
  });
});

test('a client of a second copy of the SDK is refused, with both versions', async () => {
  await newest.write(
    'second.cjs',
    `const { Client, Connection } = require('${join(oldest.project, 'node_modules/@temporalio/client')}');
const { createDeliveryClient } = require('${NAME}');
try { createDeliveryClient({ client: new Client({ connection: Connection.lazy() }) }); }
catch ({ name, given, expected }) { console.log(name, given, expected); }`,
  );
  const [name, given, expected] = (await newest.run(process.execPath, ['second.cjs'])).trim().split(' ');
  const versionIn = ({ project }: InstalledPackage) =>
    manifestIn(join(project, 'node_modules/@temporalio/client')).version;
  expect([name, given, expected]).toEqual(['SdkVersionError', versionIn(oldest), versionIn(newest)]);
});

test('publint finds nothing', async () => {
  const tarball = new Uint8Array(newest.tarball).buffer;
  const { messages, pkg } = await publint({ pack: { tarball }, strict: true });
  expect(messages.map((message) => formatMessage(message, pkg, { color: false }))).toEqual([]);
});

test('arethetypeswrong finds nothing, under every resolution', async () => {
  const analysis = await checkPackage(createPackageFromTarballData(new Uint8Array(newest.tarball)));
  if (analysis.types === false) throw new Error('the package has no types');
  expect(Object.keys(analysis.entrypoints)).toEqual(ENTRIES);
  expect(analysis.problems).toEqual([]);
});
