import { createRequire } from 'node:module';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { clientManifest } from '../../dev/pack/client-manifest.js';
import { publishedManifest } from '../../dev/pack/manifest.js';
import { moduleClosure } from '../../dev/pack/module-closure.js';
import { toCommonJs } from '../../dev/pack/to-commonjs.js';

const FILES: Readonly<Record<string, string>> = {
  'index.js': "export { one } from './one.js';\nimport 'node:fs';\n",
  'index.d.ts':
    "export { one } from './one.js';\nimport type { Two } from '@scope/types/deep';\nexport type { Two };\n",
  'one.js': "import { b } from 'b';\nexport const one = b;\nexport const later = () => import('./two.js');\n",
  'one.d.ts': 'export declare const one: number;\n',
  'two.js': "// import 'not-imported'\nexport const two = \"from 'neither'\";\n",
  'unused.js': "import 'unused';\n",
  'broken.js': "import './gone.js';\n",
  'broken.d.ts': '',
};
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rcs-closure-'));
  for (const [name, text] of Object.entries(FILES)) await writeFile(join(folder, name), text);
});
afterAll(() => rm(folder, { recursive: true }));

describe('moduleClosure', () => {
  test('finds what the code and the types of an entry import, and the packages', () => {
    expect(moduleClosure(folder, ['index'])).toEqual({
      files: ['index.d.ts', 'index.js', 'one.d.ts', 'one.js', 'two.js'],
      packages: ['@scope/types', 'b'],
    });
  });

  test('refuses a file that imports what is not there', () => {
    expect(() => moduleClosure(folder, ['broken'])).toThrow('gone.js');
  });
});

test('toCommonJs: exports, defaults of CommonJS packages, and the address of the module', async () => {
  const code =
    "import path from 'node:path';\nexport const name = path.basename('/a/b');\nexport const url = import.meta.url;\n";
  const file = join(folder, 'made.cjs');
  await writeFile(file, toCommonJs(`${code}//# sourceMappingURL=made.js.map\n`, 'made.js'));
  const made = createRequire(import.meta.url)(file) as object;
  expect({ ...made }).toEqual({ name: 'b', url: pathToFileURL(file).href });
  expect(() => toCommonJs('export const folder = import.meta.dirname;\n', 'made.js')).toThrow('made.js');
});

describe('the published package.json', () => {
  const whole = {
    ...{ name: 'whole', version: '1.2.3', license: 'Apache-2.0', private: true, files: ['dist'] },
    ...{ scripts: { prepare: 'build' }, devDependencies: { a: '1' }, overrides: {}, allowScripts: {} },
    dependencies: {
      '@temporalio/client': '1.24.0',
      '@temporalio/common': '1.24.0',
      '@grpc/grpc-js': '1.14.7',
      lib: '2.0.1',
    },
  };

  test('lacks what only a checkout needs', () => {
    const { name, version, license, files, dependencies } = whole;
    expect(publishedManifest(whole)).toEqual({ name, version, license, files, dependencies });
  });

  test('of the client has what it imports, in ranges that let a program keep one copy', () => {
    const made = clientManifest(whole, Object.keys(whole.dependencies));
    expect(made).toMatchObject({ name: 'whole-client', version: '1.2.3', license: 'Apache-2.0', type: 'commonjs' });
    expect(made['peerDependencies']).toEqual({ '@temporalio/client': '^1.13.0' });
    expect(made['dependencies']).toEqual({
      '@temporalio/common': '^1.13.0',
      '@grpc/grpc-js': '^1.12.4',
      lib: '^2.0.1',
    });
    expect(() => clientManifest(whole, ['unknown'])).toThrow('unknown');
  });
});
