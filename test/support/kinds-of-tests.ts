import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const IMPORT = /^(?:import|export)\s(?!type\b)[^;]*?\bfrom '([^']+)'|^import '([^']+)'|\bimport\('([^']+)'\)/gm;
/** Only through these can a test start a server, a process or a worker, or use Temporal. */
const STACK = [
  'fastify',
  'node:child_process',
  'node:http',
  'node:http2',
  'node:net',
  '@temporalio/testing',
  '@temporalio/worker',
  join(ROOT, 'test/support/shared-temporal.ts'),
];
/** Imports `node:net`, but only compares addresses with it. */
const ONLY_COMPUTES = join(ROOT, 'src/http/no-proxy.ts');
/** What changes the whole process for good: other modules, other logs of Temporal, other variables. */
const CHANGES_PROCESS = /vi\.mock\(|Runtime\.install\(|process\.env\[[^\]]+\] =/;
/** May change the process, because every test that uses it wants the same. */
const SAME_FOR_ALL = join(ROOT, 'test/support/quiet-temporal.ts');

/** The paths of the test files, from the project's root. */
export interface KindsOfTests {
  /** They only compute. */
  readonly fast: string[];
  /** They start servers, processes or workers, or use Temporal. */
  readonly stack: string[];
  /** They change the whole process, so each file has a process of its own. */
  readonly alone: string[];
}

/** Every test file is of one of three kinds, by what it imports and by what it contains, also through other files. */
export function kindsOfTests(): KindsOfTests {
  const files = readdirSync(join(ROOT, 'test'), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.test.ts'))
    .map((file) => join(ROOT, 'test', file))
    .sort();
  const alone = files.filter((file) => reaches(file, changesProcess));
  const others = files.filter((file) => !alone.includes(file));
  const stack = others.filter((file) => reaches(file, (name) => STACK.includes(name)));
  const fast = others.filter((file) => !stack.includes(file));
  const paths = (chosen: readonly string[]) => chosen.map((file) => relative(ROOT, file));
  return { fast: paths(fast), stack: paths(stack), alone: paths(alone) };
}

const changesProcess = (file: string) =>
  file.startsWith(join(ROOT, 'test')) && file !== SAME_FOR_ALL && CHANGES_PROCESS.test(readFileSync(file, 'utf8'));

/** True if the condition holds for the file or for a file or module that it imports, directly or through other files. */
function reaches(file: string, holds: (name: string) => boolean, seen = new Set<string>()): boolean {
  if (seen.has(file) || file === ONLY_COMPUTES) return false;
  seen.add(file);
  if (holds(file)) return true;
  return importsOf(file).some((name) => {
    if (!name.startsWith('.')) return holds(name);
    const source = sourceOf(join(dirname(file), name));
    return existsSync(source) && reaches(source, holds, seen);
  });
}

function importsOf(file: string): string[] {
  const text = readFileSync(file, 'utf8');
  return [...text.matchAll(IMPORT)].flatMap(([, from, bare, dynamic]) => from ?? bare ?? dynamic ?? []);
}

const sourceOf = (path: string) => path.replace(/\.js$/, '.ts');
