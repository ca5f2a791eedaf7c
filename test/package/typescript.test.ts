import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { packClient } from '../../dev/pack/pack.js';
import { installPackage, type InstalledPackage } from './installed-package.js';

/** A project as `nest new` makes it, with Jest and ts-jest, and older versions of TypeScript beside its own. */
const BESIDE = [
  ...['typescript@5.9.3', 'typescript-5.7@npm:typescript@5.7.3', 'typescript-5.8@npm:typescript@5.8.3'],
  ...['@nestjs/common@11.2.10', '@nestjs/core@11.2.10', '@nestjs/testing@11.2.6', 'reflect-metadata', 'rxjs@7'],
  ...['jest@30.5.2', 'ts-jest@29.4.15', '@types/jest@30', '@types/node@20.19.24'],
];
const resolve = createRequire(import.meta.url).resolve;

let installed: InstalledPackage;
beforeAll(async () => {
  installed = await installPackage({ pack: packClient, type: 'commonjs', beside: BESIDE });
  for (const [path, code] of files()) await installed.write(path, code);
}, 300_000);
afterAll(() => installed.remove());

/** The blocks of the pages that begin with the path of a file, and the tests of docs/testing.md. */
function files(): [string, string][] {
  const blocks = ['docs/typescript.md', 'docs/testing.md'].flatMap((page) =>
    [...readFileSync(page, 'utf8').matchAll(/^```ts\n(.*?)^```$/gms)].map(([, code = '']) => code),
  );
  const named = blocks.flatMap((code): [string, string][] => {
    const [, path] = /^\/\/ (\S+\.ts)\n/.exec(code) ?? [];
    return path === undefined ? [] : [[path.replace(/^(?:src\/)?/, 'src/'), code]];
  });
  const tests = blocks.filter((code) => code.includes('createFakeDeliveryClient()') && !code.startsWith('// '));
  return [...named, ['src/send-code.spec.ts', tests.join('\n')]];
}

const compilerIn = (name: string): string =>
  name === '6' ? resolve('typescript-6/bin/tsc') : join(dirname(resolve('typescript/package.json')), 'bin/tsc');
const COMPILERS: Readonly<Record<string, () => string>> = {
  '5.7': () => join(installed.project, 'node_modules/typescript-5.7/bin/tsc'),
  '5.8': () => join(installed.project, 'node_modules/typescript-5.8/bin/tsc'),
  '5.9': () => join(installed.project, 'node_modules/typescript/bin/tsc'),
  '6': () => compilerIn('6'),
  '7': () => compilerIn('7'),
};

/** The compiler's output, and nothing if it is content. */
async function compiled(version: string, config: string, options: object, include: readonly string[]): Promise<string> {
  const compilerOptions = { target: 'es2022', strict: true, types: ['node'], ...options };
  await installed.write(config, JSON.stringify({ compilerOptions, include }));
  const compiler = COMPILERS[version]?.() ?? '';
  try {
    return await installed.run(process.execPath, [compiler, '-p', config]);
  } catch (error) {
    return (error as { readonly stdout: string }).stdout;
  }
}

const PROGRAM = `import { Client, Connection } from '@temporalio/client';
import { createDeliveryClient, DeliveryError, type DeliveryClient, type StartInput } from 'rcs-message-delivery-client';
import { createFakeDeliveryClient, type FakeDeliveryClient } from 'rcs-message-delivery-client/testing';

export const real = (): DeliveryClient => createDeliveryClient({ client: new Client({ connection: Connection.lazy() }) });
export const fake: FakeDeliveryClient = createFakeDeliveryClient({ defaultCountry: 'DE' });
export const codeOf = (error: unknown): string | undefined => (error instanceof DeliveryError ? error.code : undefined);
// @ts-expect-error an input without a recipient
export const wrong: StartInput = { agentId: 'a', messageId: 'b', contentMessage: {} };
`;
const NODE10 = { module: 'commonjs', moduleResolution: 'node10' };
const checked = { skipLibCheck: false };
const unchecked = { skipLibCheck: true };

describe('the types compile, as docs/typescript.md says', () => {
  test.each([
    ['5.7', { ...NODE10, ...checked }],
    ['5.7', { module: 'node16', ...unchecked }],
    ['5.8', { module: 'nodenext', ...unchecked }],
    ['5.9', { module: 'esnext', moduleResolution: 'bundler', ...unchecked, exactOptionalPropertyTypes: true }],
    ['6', { ...NODE10, ignoreDeprecations: '6.0', ...unchecked }],
    ['7', { module: 'commonjs', moduleResolution: 'bundler', ...unchecked }],
    ['7', { module: 'nodenext', ...unchecked }],
  ])('TypeScript %s with %o', async (version, options) => {
    await installed.write('types/main.ts', PROGRAM);
    expect(await compiled(version, 'tsconfig.types.json', { ...options, noEmit: true }, ['types'])).toBe('');
  });

  test('without skipLibCheck, the only errors are those of the types of the SDK', async () => {
    await installed.write('types/main.ts', PROGRAM);
    const options = { module: 'nodenext', ...checked, noEmit: true };
    const errors = (await compiled('7', 'tsconfig.types.json', options, ['types'])).match(/^\S.*error TS\d+/gm) ?? [];
    expect(
      errors.filter((error) => !/^node_modules\/@temporalio\/common\/lib\/time\.d\.ts.*TS7016$/.test(error)),
    ).toEqual([]);
  });

  test.each([
    ['6', { ...NODE10 }, 'TS5107'],
    ['7', { ...NODE10, ignoreDeprecations: '6.0' }, 'TS5108'],
  ])('TypeScript %s with %o is refused by the compiler itself', async (version, options, code) => {
    // It complains about the options, whatever the program is.
    await installed.write('options/main.ts', 'export {};');
    expect(await compiled(version, 'tsconfig.options.json', { ...options, noEmit: true }, ['options'])).toContain(code);
  });
});

/** Until version 10, and since: what \`nest new\` writes. */
const DECORATORS = {
  types: ['node', 'jest'],
  isolatedModules: true,
  emitDecoratorMetadata: true,
  experimentalDecorators: true,
  declaration: true,
  ...unchecked,
};
const NEST: readonly (readonly [string, object])[] = [
  ['commonjs', { ...NODE10, ...DECORATORS, target: 'es2021', outDir: 'built-commonjs' }],
  ['nodenext', { module: 'nodenext', esModuleInterop: true, ...DECORATORS, outDir: 'built-nodenext' }],
];
const START = `import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import { CodesService } from './codes.service';
import { DeliveriesModule } from './deliveries.module';

void NestFactory.createApplicationContext(DeliveriesModule, { logger: false }).then(async (app) => {
  console.log(typeof app.get(CodesService).send);
  await app.close();
});
`;

describe.each(NEST)('NestJS with `%s`', (module, options) => {
  const config = `tsconfig.${module}.json`;

  test('the module of the page compiles and starts', async () => {
    await installed.write('src/main.ts', START);
    expect(await compiled('5.9', config, options, ['src'])).toBe('');
    expect(await installed.run(process.execPath, ['--throw-deprecation', `built-${module}/main.js`])).toBe(
      'function\n',
    );
  });

  test('the tests of the pages pass with Jest and ts-jest', async () => {
    const transform = { '^.+\\.ts$': ['ts-jest', { tsconfig: config }] };
    await installed.write(
      `jest.${module}.json`,
      JSON.stringify({ roots: ['src'], testEnvironment: 'node', transform }),
    );
    const report = await installed.run('npx', ['--no-install', 'jest', '-i', '--json', '-c', `jest.${module}.json`]);
    expect(JSON.parse(report)).toMatchObject({ numPassedTests: 4, numTotalTests: 4, success: true });
  });
});
