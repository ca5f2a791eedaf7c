import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { stageClient } from './stage-client.js';
import { stagePackage } from './stage-package.js';

const exec = promisify(execFile);

/** Packs `rcs-message-delivery` into the folder `to`. Returns the path of the tarball. dist must be up to date. */
export const packWhole = (to: string): Promise<string> => packed(stagePackage, to);
/** Packs `rcs-message-delivery-client`, from the same dist. */
export const packClient = (to: string): Promise<string> => packed(stageClient, to);

/** npm packs package.json as it is, so a folder of its own has what is published. */
async function packed(stage: (folder: string) => Promise<void>, to: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'rcs-pack-'));
  try {
    await stage(folder);
    const pack = ['pack', '--json', '--ignore-scripts', '--pack-destination', to];
    const { stdout } = await exec('npm', pack, { cwd: folder, maxBuffer: 1e8 });
    const [{ filename }] = JSON.parse(stdout) as [{ readonly filename: string }];
    return join(to, filename);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
