import { copyFile, mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { PROJECT_ROOT } from '../temporal/project-paths.js';
import { clientManifest } from './client-manifest.js';
import { manifestText, readManifest } from './manifest.js';
import { moduleClosure } from './module-closure.js';
import { toCommonJs, withoutMap } from './to-commonjs.js';

/** The failure converter is loaded by its path. */
const ENTRIES = ['index', 'testing/index', 'encryption/failure-converter'];
const SCHEMA = 'message-delivery-input.schema.json';

/**
 * Writes the package `rcs-message-delivery-client` into a folder: the client alone, with what it imports. As CommonJS,
 * because every kind of program can load that: ES modules, CommonJS and Jest. There is one copy of each module, so
 * `instanceof` holds in a program that does both.
 */
export async function stageClient(folder: string): Promise<void> {
  const dist = join(PROJECT_ROOT, 'dist');
  const { files, packages } = moduleClosure(dist, ENTRIES);
  for (const file of files) {
    const text = await readFile(join(dist, file), 'utf8');
    const to = join(folder, 'dist', file);
    await mkdir(dirname(to), { recursive: true });
    await writeFile(to, file.endsWith('.js') ? toCommonJs(text, file) : withoutMap(text));
  }
  await copyFile(join(PROJECT_ROOT, 'docs', SCHEMA), join(folder, SCHEMA));
  for (const file of ['LICENSE', 'CHANGELOG.md']) await copyFile(join(PROJECT_ROOT, file), join(folder, file));
  await copyFile(join(import.meta.dirname, 'client-readme.md'), join(folder, 'README.md'));
  await writeFile(join(folder, 'package.json'), manifestText(clientManifest(readManifest(PROJECT_ROOT), packages)));
}
