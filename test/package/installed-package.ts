import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';

const exec = promisify(execFile);

/** An empty project with a packed tarball installed. Nothing in it comes from this checkout. */
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

export interface InstallOptions {
  /** Packs the package into a folder, and returns the tarball's path. test/setup/build-program.ts has built dist. */
  readonly pack: (to: string) => Promise<string>;
  readonly type: 'module' | 'commonjs';
  /** Other packages, as npm's command line names them. */
  readonly beside?: readonly string[];
}

const SOURCE = /^(?:npm_config_(?:registry|cache|userconfig|offline|cafile)|.*_proxy|node_extra_ca_certs)$/i;

export async function installPackage({ pack, type, beside = [] }: InstallOptions): Promise<InstalledPackage> {
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
  const tarball = await pack(root);
  await writeFile(join(project, 'package.json'), JSON.stringify({ name: 'empty', private: true, type }));
  const install = ['install', '--prefer-offline', '--ignore-scripts', '--no-audit', '--no-fund', '--save-exact'];
  await run('npm', [...install, tarball, ...beside]);
  const { dependencies } = JSON.parse(await readFile(join(project, 'package.json'), 'utf8')) as {
    readonly dependencies: Readonly<Record<string, string>>;
  };
  const [name = ''] = Object.entries(dependencies).find(([, from]) => from.startsWith('file:')) ?? [];
  return {
    project,
    folder: join(project, 'node_modules', name),
    tarball: await readFile(tarball),
    run,
    write: async (path, text) => {
      await mkdir(dirname(join(project, path)), { recursive: true });
      await writeFile(join(project, path), text);
    },
    remove: () => rm(root, { recursive: true, force: true }),
  };
}
