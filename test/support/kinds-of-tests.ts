import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const IMPORT = /^(?:import|export)\s(?!type\b)[^;]*?\bfrom '([^']+)'|^import '([^']+)'|\bimport\('([^']+)'\)/gm;
/** Only through these can a test start a process or a worker, or use a Temporal server. */
const STACK = [
  'node:child_process',
  '@temporalio/testing',
  '@temporalio/worker',
  join(ROOT, 'test/support/shared-temporal.ts'),
];
/** Only through these can it start a server in its own process. */
const SERVERS = ['node:http', 'node:http2', 'node:net', 'fastify'];

/** The paths of the test files, from the project's root. */
export interface KindsOfTests {
  /** They only compute. */
  readonly fast: string[];
  /** They start HTTP servers in their own process. */
  readonly servers: string[];
  /** They start processes or workers, use a Temporal server, or mock a module. Each file runs in a process of its own. */
  readonly stack: string[];
}

/** Every test file is of one of three kinds, by what it imports, also through other files. */
export function kindsOfTests(): KindsOfTests {
  const files = readdirSync(join(ROOT, 'test'), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.test.ts'))
    .map((file) => join(ROOT, 'test', file))
    .sort();
  const stack = files.filter((file) => reaches(file, STACK) || mocksModule(file));
  const servers = files.filter((file) => !stack.includes(file) && reaches(file, SERVERS));
  const fast = files.filter((file) => !stack.includes(file) && !servers.includes(file));
  const paths = (chosen: readonly string[]) => chosen.map((file) => relative(ROOT, file));
  return { fast: paths(fast), servers: paths(servers), stack: paths(stack) };
}

/** True if the file imports one of these modules, directly or through files of this project. */
function reaches(file: string, modules: readonly string[], seen = new Set<string>()): boolean {
  if (seen.has(file) || !existsSync(file)) return false;
  seen.add(file);
  return importsOf(file)
    .map((name) => (name.startsWith('.') ? sourceOf(join(dirname(file), name)) : name))
    .some((name) => modules.includes(name) || reaches(name, modules, seen));
}

const mocksModule = (file: string) => readFileSync(file, 'utf8').includes('vi.mock(');

function importsOf(file: string): string[] {
  const text = readFileSync(file, 'utf8');
  return [...text.matchAll(IMPORT)].flatMap(([, from, bare, dynamic]) => from ?? bare ?? dynamic ?? []);
}

const sourceOf = (path: string) => path.replace(/\.js$/, '.ts');
