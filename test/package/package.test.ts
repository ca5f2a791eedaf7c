import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join, posix } from 'node:path';
import { promisify } from 'node:util';
import { checkPackage, createPackageFromTarballData } from '@arethetypeswrong/core';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { packWhole } from '../../dev/pack/pack.js';
import { PROJECT_ROOT } from '../../dev/temporal/project-paths.js';
import { installPackage, type InstalledPackage } from './installed-package.js';

const SCHEMA = './message-delivery-input.schema.json';
const ENTRIES = ['.', './workflows', './activities', './worker', './webhook', './testing', SCHEMA, './package.json'];
const specifierOf = (entry: string) => entry.replace('.', 'rcs-message-delivery');
const MODULES = ENTRIES.filter((entry) => !entry.endsWith('.json')).map(specifierOf);
const resolve = createRequire(import.meta.url).resolve;
const TYPESCRIPT_7 = join(dirname(resolve('typescript/package.json')), 'bin/tsc');
/** The last one that has `node10`. It is much slower than TypeScript 7, so only what needs it runs with it. */
const TYPESCRIPT_6 = resolve('typescript-6/bin/tsc');

let installed: InstalledPackage;
beforeAll(async () => {
  installed = await installPackage({ pack: packWhole, type: 'module' });
}, 300_000);
afterAll(() => installed.remove());

const filesIn = (tarball: Buffer) =>
  createPackageFromTarballData(tarball)
    .listFiles()
    .map((file) => file.replace('/node_modules/rcs-message-delivery/', ''));

test('the tarball contains the build, the documentation and the files that it links to, and nothing else', async () => {
  const files = filesIn(installed.tarball);
  const beside = new Set(files.map((file) => file.replace(/\/.*/, '/')));
  expect([...beside].sort()).toEqual([
    ...['CHANGELOG.md', 'CONTRIBUTING.md', 'LICENSE', 'README.md', 'SECURITY.md', 'deploy/', 'dev/', 'dist/'],
    ...['docker-compose.yml', 'docs/', 'examples/', 'package.json', 'src/', 'test/'],
  ]);
  expect(files).toContain('dist/workflow-bundle.js');
  expect(files).toContain('dist/workflow-bundle-encrypting.js');
  expect(files.filter((file) => /\.venv|__pycache__|examples\/java\/target/.test(file))).toEqual([]);
  const manifest = JSON.parse(await readFile(join(installed.folder, 'package.json'), 'utf8')) as { exports: object };
  expect(Object.keys(manifest.exports)).toEqual(ENTRIES);
  const ofTheCheckout = ['scripts', 'devDependencies', 'overrides', 'allowScripts'];
  expect(Object.keys(manifest).filter((field) => ofTheCheckout.includes(field))).toEqual([]);
});

test('npm pack in the checkout refuses, and names the command that packs both packages', async () => {
  const packing = promisify(execFile)('npm', ['pack', '--dry-run'], { cwd: PROJECT_ROOT });
  await expect(packing).rejects.toThrow('npm run tarballs');
});

test('every relative link in its pages leads to a file in the tarball', async () => {
  const files = filesIn(installed.tarball);
  const pages = files.filter((file) => file.endsWith('.md'));
  expect(pages).toEqual(expect.arrayContaining(['README.md', 'SECURITY.md', 'docs/sending.md']));
  const dead: string[] = [];
  for (const page of pages) {
    const text = await readFile(join(installed.folder, page), 'utf8');
    for (const [, target = ''] of text.matchAll(/\]\((?!https?:|#)([^)#\s]+)/g)) {
      const path = posix.join(posix.dirname(page), target);
      if (!files.some((file) => file === path || file.startsWith(`${path}/`))) dead.push(`${page}: ${target}`);
    }
  }
  expect(dead).toEqual([]);
});

test('the schema of the input can be imported', async () => {
  await installed.write(
    'schema.mjs',
    `import schema from '${specifierOf(SCHEMA)}' with { type: 'json' };\nconsole.log(schema.title ?? schema.type);`,
  );
  expect((await installed.run(process.execPath, ['--no-warnings', 'schema.mjs'])).trim()).not.toBe('');
});

/**
 * Imports a module and prints which packages that has loaded, by ESM's hooks and by CommonJS's cache. Exits by itself only
 * if the import has started nothing.
 */
const PROBE = `
import { Module, register } from 'node:module';
import { MessageChannel } from 'node:worker_threads';
const { port1, port2 } = new MessageChannel();
const urls = [];
port1.on('message', (url) => urls.push(url));
const hook = \`
  let port;
  export const initialize = (given) => { port = given; };
  export const load = async (url, context, next) => { port.postMessage(url); return next(url, context); };
\`;
register('data:text/javascript,' + encodeURIComponent(hook), { data: port2, transferList: [port2] });
const names = Object.keys(await import(process.argv[2]));
const resources = process.getActiveResourcesInfo().filter((name) => !/^(?:Pipe|TTY|FSReq|MessagePort)/.test(name));
await new Promise((resolve) => setImmediate(resolve));
port1.close();
const files = [...urls, ...Object.keys(Module._cache)];
const packages = files.flatMap((file) => file.match(/node_modules[/\\\\]((?:@[^/\\\\]+[/\\\\])?[^/\\\\]+)(?!.*node_modules)/)?.[1] ?? []);
console.log(JSON.stringify({ names, resources, packages: [...new Set(packages)].sort() }));
`;

interface Probed {
  readonly names: readonly string[];
  readonly resources: readonly string[];
  readonly packages: readonly string[];
}
/** One process for each module, since several tests look at what the same import has loaded. */
const probed = new Map<string, Promise<Probed>>();
function probe(specifier: string): Promise<Probed> {
  const known = probed.get(specifier) ?? importInNewProcess(specifier);
  probed.set(specifier, known);
  return known;
}
async function importInNewProcess(specifier: string): Promise<Probed> {
  await installed.write('probe.mjs', PROBE);
  return JSON.parse(await installed.run(process.execPath, ['probe.mjs', specifier])) as Probed;
}

test.each(MODULES)('%s can be imported and starts nothing', async (specifier) => {
  const { names, resources, packages } = await probe(specifier);
  expect(names.length).toBeGreaterThan(0);
  expect(resources).toEqual([]);
  expect(packages).toContain('rcs-message-delivery');
});

test('importing the client loads no worker, no server and no SMS library', async () => {
  const { names, packages } = await probe('rcs-message-delivery');
  expect(names).toContain('createDeliveryClient');
  expect(packages).toContain('@temporalio/client');
  const heavy = [
    '@temporalio/worker',
    '@temporalio/core-bridge',
    '@temporalio/workflow',
    '@temporalio/activity',
    'fastify',
    'google-auth-library',
    'pino',
    'prom-client',
    'twilio',
    'webpack',
  ];
  expect(packages.filter((name) => heavy.includes(name) || name.startsWith('@opentelemetry/sdk'))).toEqual([]);
});

test('the probe reports what is loaded', async () => {
  const { packages } = await probe('rcs-message-delivery/worker');
  expect(packages).toEqual(expect.arrayContaining(['@temporalio/worker', '@temporalio/core-bridge']));
});

/** Uses every entry of the package. */
const PROGRAM = `import { Client, Connection } from '@temporalio/client';
import { createDeliveryClient, type DeliveryErrorCode, type MessageDeliveryInput, type MessageDeliveryResult } from 'rcs-message-delivery';
import { createActivities, createRbmAuth, createRbmClient, type SmsProvider } from 'rcs-message-delivery/activities';
import { buildServer, type OnEvent } from 'rcs-message-delivery/webhook';
import { createDeliveryWorker } from 'rcs-message-delivery/worker';
import { messageDelivery } from 'rcs-message-delivery/workflows';

const input: MessageDeliveryInput = {
  agentId: 'acme-agent',
  messageId: '0b2f6d0e-3c1f-4a57-9d8e-1f3f5a7b9c21',
  recipient: '+15550100001',
  contentMessage: { text: 'Hello' },
  ttl: '600s',
};
export async function main(): Promise<MessageDeliveryResult> {
  const client = new Client({ connection: await Connection.connect() });
  const delivery = await createDeliveryClient({ client }).start(input);
  return delivery.outcome();
}
// @ts-expect-error an input without a recipient
export const wrong: MessageDeliveryInput = { agentId: 'a', messageId: 'b', contentMessage: {} };
// @ts-expect-error no such code
export const code: DeliveryErrorCode = 'NO_SUCH_CODE';
export const onEvent: OnEvent = (event) => { if (event.kind === 'userMessage') return; };
export const workflow: (input: MessageDeliveryInput) => Promise<MessageDeliveryResult> = messageDelivery;
export const activities = (sms: SmsProvider) =>
  createActivities({ rbm: createRbmClient({ endpoint: 'https://rbm.example', auth: createRbmAuth({}) }), sms });
export { buildServer, createDeliveryWorker };
`;
const PAGES = ['README.md', 'docs/sending.md'];
const sourceOf = (page: string) => page.replaceAll(/\W/g, '-') + '.ts';

/** All programs in one run of the compiler, because it spends most of its time on the types of the dependencies. */
test('the types, and the TypeScript of the pages, compile under `nodenext` and `strict`', async () => {
  await installed.write('main.ts', PROGRAM);
  for (const page of PAGES) {
    const text = await readFile(join(installed.folder, page), 'utf8');
    const blocks = [...text.matchAll(/^```ts\n(.*?)^```$/gms)].map(([, code = '']) => code);
    expect(blocks.length, page).toBeGreaterThan(0);
    await installed.write(sourceOf(page), blocks.join('\n'));
  }
  const compilerOptions = {
    ...{ module: 'nodenext', moduleResolution: 'nodenext', target: 'es2022', strict: true, noEmit: true },
    ...{ exactOptionalPropertyTypes: true, noUncheckedIndexedAccess: true, types: ['node'], skipLibCheck: true },
  };
  const files = ['main.ts', ...PAGES.map(sourceOf)];
  await installed.write('tsconfig.json', JSON.stringify({ compilerOptions, files }));
  expect(await installed.run(process.execPath, [TYPESCRIPT_7, '-p', '.'])).toBe('');
});

test('every package that the build imports, in code or in types, is a dependency', () => {
  const tarball = createPackageFromTarballData(installed.tarball);
  const { dependencies } = JSON.parse(tarball.readFile('/node_modules/rcs-message-delivery/package.json')) as {
    dependencies: Record<string, string>;
  };
  const built = tarball.listFiles().filter((file) => /\.(?:js|d\.ts)$/.test(file) && !file.includes('workflow-bundle'));
  const named = built.flatMap((file) =>
    [...tarball.readFile(file).matchAll(/(?<!')(?:from|import|import\() ?'((?:@[^/']+\/)?[^./'][^/']*)[^']*'/g)].map(
      ([, name = '']) => name,
    ),
  );
  const packages = [...new Set(named)].filter((name) => !name.startsWith('node:'));
  expect(packages).toContain('@temporalio/client');
  expect(packages.filter((name) => !(name in dependencies))).toEqual([]);
});

test('publint finds nothing', async () => {
  const tarball = new Uint8Array(installed.tarball).buffer;
  const { messages, pkg } = await publint({ pack: { tarball }, strict: true });
  expect(messages.map((message) => formatMessage(message, pkg, { color: false }))).toEqual([]);
});

describe('in a CommonJS project', () => {
  const compile = async (name: string, compilerOptions: object, compiler = TYPESCRIPT_7) => {
    const options = { target: 'es2022', strict: true, types: ['node'], skipLibCheck: true, esModuleInterop: true };
    const config = { compilerOptions: { ...options, outDir: 'built', ...compilerOptions }, files: ['commonjs.cts'] };
    await installed.write(`tsconfig.${name}.json`, JSON.stringify(config));
    return installed.run(process.execPath, [compiler, '-p', `tsconfig.${name}.json`]);
  };
  const names = 'console.log(typeof createDeliveryClient, typeof createFakeDeliveryClient)';
  const imports = `import { createDeliveryClient } from 'rcs-message-delivery';
import { createFakeDeliveryClient } from 'rcs-message-delivery/testing';
${names};`;

  test('what docs/typescript.md says of `nodenext` and of `node10` holds', async () => {
    await installed.write('commonjs.cts', imports);
    const old = { module: 'commonjs', moduleResolution: 'node10', ignoreDeprecations: '6.0' };
    for (const [name, options, compiler] of [
      ['nodenext', { module: 'nodenext' }, TYPESCRIPT_7],
      ['node10', old, TYPESCRIPT_6],
    ] as const) {
      expect(await compile(name, options, compiler)).toBe('');
      const printed = await installed.run(process.execPath, ['--throw-deprecation', 'built/commonjs.cjs']);
      expect(printed, name).toBe('function function\n');
    }
  });

  test('under `node16`, TypeScript refuses a plain import, and takes import()', async () => {
    await installed.write('commonjs.cts', imports);
    await expect(compile('node16', { module: 'node16' })).rejects.toMatchObject({
      stdout: expect.stringContaining('TS1479') as string,
    });
    await installed.write(
      'commonjs.cts',
      `void (async () => {
  const { createDeliveryClient } = await import('rcs-message-delivery');
  const { createFakeDeliveryClient } = await import('rcs-message-delivery/testing');
  ${names};
})();`,
    );
    expect(await compile('node16', { module: 'node16' })).toBe('');
    expect(await installed.run(process.execPath, ['built/commonjs.cjs'])).toBe('function function\n');
  });
});

test('arethetypeswrong finds only that the package is ESM only', async () => {
  const analysis = await checkPackage(createPackageFromTarballData(new Uint8Array(installed.tarball)));
  if (analysis.types === false) throw new Error('the package has no types');
  expect(Object.keys(analysis.entrypoints)).toEqual(ENTRIES);
  const unexpected = analysis.problems.filter((problem) => {
    // docs/typescript.md says what a CommonJS program writes.
    if (problem.kind === 'CJSResolvesToESM') return false;
    // TypeScript's old `node10` resolution does not read "exports", and the schema is in docs.
    return !(problem.kind === 'NoResolution' && problem.resolutionKind === 'node10' && problem.entrypoint === SCHEMA);
  });
  expect(unexpected).toEqual([]);
});

test('npx rcs-delivery --help runs from the installed package', async () => {
  const help = await installed.run('npx', ['--no-install', 'rcs-delivery', '--help']);
  expect(help).toMatch(/Usage: rcs-delivery/);
  for (const command of ['worker', 'webhook', 'send', 'status']) expect(help).toContain(command);
});
