import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { chmodSync, existsSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { withFileLock } from '../temporal/file-lock.js';
import { PROJECT_CACHE, PROJECT_ROOT as root } from '../temporal/project-paths.js';

const dist = join(root, 'dist');
const stamp = join(dist, '.built-from');
/** One bundle for each failure converter that a worker may have. See src/worker/create-worker.ts. */
const bundles = [
  { path: join(dist, 'workflow-bundle.js') },
  {
    path: join(dist, 'workflow-bundle-encrypting.js'),
    failureConverterPath: join(dist, 'encryption', 'failure-converter.js'),
  },
];
const program = join(dist, 'cli', 'main.js');
const compiler = join(root, 'node_modules', 'typescript', 'bin', 'tsc');

/**
 * Builds dist from src. npm runs this in every `npm ci`, and before the first `npx rcs-delivery` of a checkout. When dist
 * is up to date, it does nothing and exits quickly.
 */
async function build(): Promise<void> {
  if (isUpToDate(fingerprint())) return;
  await withFileLock({ path: join(PROJECT_CACHE, 'build.lock'), work: buildUnlessUpToDate });
}

/** Checks again, since another process may have built dist in the meantime. */
async function buildUnlessUpToDate(): Promise<void> {
  const inputs = fingerprint();
  if (isUpToDate(inputs)) return;
  rmSync(stamp, { force: true });
  await compile();
  removeStale();
  for (const bundle of bundles) await bundleWorkflows(bundle);
  chmodSync(program, 0o755);
  writeFileSync(stamp, inputs);
}

function isUpToDate(inputs: string): boolean {
  const made = [program, stamp, ...bundles.map(({ path }) => path)];
  return made.every((path) => existsSync(path)) && readFileSync(stamp, 'utf8') === inputs;
}

/** The hash of everything that dist depends on. package-lock.json stands for the SDK, whose code is part of the bundle. */
function fingerprint(): string {
  const own = ['package.json', 'package-lock.json', 'tsconfig.json', 'tsconfig.build.json', 'dev/build/build.ts'];
  const files = [...own, ...filesIn('src').map((file) => join('src', file))];
  const hash = createHash('sha256');
  for (const file of files)
    hash
      .update(`${file}\0`)
      .update(readFileSync(join(root, file)))
      .update('\0');
  return hash.digest('hex');
}

function filesIn(folder: string): string[] {
  const entries = readdirSync(join(root, folder), { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  return files.map((file) => file.slice(join(root, folder).length + 1)).sort();
}

async function compile(): Promise<void> {
  const child = spawn(process.execPath, [compiler, '-p', 'tsconfig.build.json'], { cwd: root, stdio: 'inherit' });
  const [status] = (await once(child, 'exit')) as [number | null];
  if (status !== 0) throw new Error('the sources do not compile');
}

/** Removes what an earlier build made from a deleted source. Keeps the rest, since a worker may be running from dist. */
function removeStale(): void {
  const sources = new Set(filesIn('src').map((file) => file.replace(/\.ts$/, '')));
  for (const file of filesIn('dist')) {
    const source = file.replace(/\.(?:js|js\.map|d\.ts)$/, '');
    const isBundle = bundles.some(({ path }) => path === join(dist, file));
    if (source !== file && !sources.has(source) && !isBundle) rmSync(join(dist, file));
  }
}

/** Bundles the workflows ahead of time, so that a worker starts quickly and without webpack. */
async function bundleWorkflows({ path, ...converter }: (typeof bundles)[number]): Promise<void> {
  // Loaded only when needed: it takes a second.
  const { bundleWorkflowCode, DefaultLogger } = await import('@temporalio/worker');
  const { code } = await bundleWorkflowCode({
    workflowsPath: join(dist, 'workflows', 'index.js'),
    payloadConverterPath: join(dist, 'encryption', 'payload-converter.js'),
    workflowInterceptorModules: [join(dist, 'workflows', 'tracing.js')],
    preloadModules: preloaded(),
    ...converter,
    logger: new DefaultLogger('WARN'),
    // Makes the source map's paths relative to the package's root, not to this machine's.
    webpackConfigHook: (config) => ({ ...config, output: { ...config.output, devtoolModuleFilenameTemplate: nameOf } }),
  });
  const unfinished = `${path}.${String(process.pid)}`;
  writeFileSync(unfinished, code);
  renameSync(unfinished, path);
}

/**
 * Modules without state of their own and without the SDK. Loaded once for all workflows of a worker, instead of once for
 * each, they cost it less memory and time.
 */
function preloaded(): string[] {
  const withSdk = ['messages.js', 'opt-out.js', 'parse-agents.js'];
  const contract = readdirSync(join(dist, 'contract')).filter(
    (file) => file.endsWith('.js') && !withSdk.includes(file),
  );
  const domain = readdirSync(join(dist, 'domain')).filter((file) => file.endsWith('.js'));
  return [
    join(dist, 'workflows', 'stack-traces.js'),
    ...contract.map((file) => join(dist, 'contract', file)),
    ...domain.map((file) => join(dist, 'domain', file)),
  ];
}

const nameOf = ({ absoluteResourcePath }: { readonly absoluteResourcePath: string }) =>
  relative(root, absoluteResourcePath);

await build();
