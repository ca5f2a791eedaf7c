import { execFile } from 'node:child_process';
import { copyFile, mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { PROJECT_ROOT } from '../temporal/project-paths.js';
import { manifestText, publishedManifest, readManifest } from './manifest.js';

const exec = promisify(execFile);

/** Writes the package `rcs-message-delivery` into a folder: what `files` of package.json names. */
export async function stagePackage(folder: string): Promise<void> {
  const list = ['pack', '--dry-run', '--json', '--ignore-scripts'];
  const { stdout } = await exec('npm', list, { cwd: PROJECT_ROOT, maxBuffer: 1e8 });
  const [{ files }] = JSON.parse(stdout) as [{ readonly files: readonly { readonly path: string }[] }];
  for (const { path } of files) {
    const to = join(folder, path);
    await mkdir(dirname(to), { recursive: true });
    await copyFile(join(PROJECT_ROOT, path), to);
  }
  await writeFile(join(folder, 'package.json'), manifestText(publishedManifest(readManifest(PROJECT_ROOT))));
}
