import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { PROJECT_ROOT } from '../../dev/temporal/project-paths.js';

const exec = promisify(execFile);

/** An empty project with the packed tarball installed. Nothing in it comes from this checkout. */
export interface InstalledPackage {
  readonly project: string;
  /** The folder of the installed package. */
  readonly folder: string;
  readonly tarball: Buffer;
  /** Runs a program in the project and returns its output. Throws if it exits with an error. */
  readonly run: (command: string, args: readonly string[]) => Promise<string>;
  /** Writes a file into the project. */
  readonly write: (name: string, text: string) => Promise<void>;
  readonly remove: () => Promise<void>;
}

const SOURCE = /^(?:npm_config_(?:registry|cache|userconfig|offline|cafile)|.*_proxy|node_extra_ca_certs)$/i;

export async function installPackage(): Promise<InstalledPackage> {
  const root = await mkdtemp(join(tmpdir(), 'rcs-package-'));
  const project = join(root, 'project');
  await mkdir(project);
  const { PATH, HOME, TMPDIR } = process.env;
  // Only where npm gets packages from. Its other variables, such as the project's folder, would mislead the inner npm.
  const npm = Object.fromEntries(Object.entries(process.env).filter(([name]) => SOURCE.test(name)));
  const run: InstalledPackage['run'] = async (command, args) => {
    const env = { PATH, HOME, TMPDIR, ...npm };
    const { stdout } = await exec(command, args, { cwd: project, env, maxBuffer: 1e8 });
    return stdout;
  };
  // test/setup/build-program.ts has built dist.
  const pack = ['pack', '--json', '--ignore-scripts', '--pack-destination', root];
  const packed = await exec('npm', pack, { cwd: PROJECT_ROOT, maxBuffer: 1e8 });
  const [{ filename }] = JSON.parse(packed.stdout) as [{ readonly filename: string }];
  const tarball = join(root, filename);
  await writeFile(join(project, 'package.json'), '{ "name": "empty", "private": true, "type": "module" }\n');
  await run('npm', ['install', '--prefer-offline', '--ignore-scripts', '--no-audit', '--no-fund', tarball]);
  return {
    project,
    folder: join(project, 'node_modules', 'rcs-message-delivery'),
    tarball: await readFile(tarball),
    run,
    write: (name, text) => writeFile(join(project, name), text),
    remove: () => rm(root, { recursive: true, force: true }),
  };
}
