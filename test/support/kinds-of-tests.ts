import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const IMPORT = /^(?:import|export)\s(?!type\b)[^;]*?\bfrom '([^']+)'|^import '([^']+)'|\bimport\('([^']+)'\)/gm;
/** Only through these can a test start a process, a server or a worker, or use a Temporal server. */
const STACK = [
  'node:child_process',
  'node:http',
  'node:net',
  'fastify',
  '@temporalio/testing',
  '@temporalio/worker',
  join(ROOT, 'test/support/shared-temporal.ts'),
];

/**
 * Every test file is of one of two kinds, by what it imports, also through other files. `stack` files start processes,
 * servers or workers, or use a Temporal server. `fast` files only compute. The paths start at the project's root.
 */
export function kindsOfTests(): { readonly fast: string[]; readonly stack: string[] } {
  const files = readdirSync(join(ROOT, 'test'), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.test.ts'))
    .map((file) => join(ROOT, 'test', file))
    .sort();
  const needsStack = (file: string) => reaches(file, STACK);
  const paths = (chosen: readonly string[]) => chosen.map((file) => relative(ROOT, file));
  return { fast: paths(files.filter((file) => !needsStack(file))), stack: paths(files.filter(needsStack)) };
}

/** True if the file imports one of these modules, directly or through files of this project. */
function reaches(file: string, modules: readonly string[], seen = new Set<string>()): boolean {
  if (seen.has(file) || !existsSync(file)) return false;
  seen.add(file);
  return importsOf(file)
    .map((name) => (name.startsWith('.') ? sourceOf(join(dirname(file), name)) : name))
    .some((name) => modules.includes(name) || reaches(name, modules, seen));
}

function importsOf(file: string): string[] {
  const text = readFileSync(file, 'utf8');
  return [...text.matchAll(IMPORT)].flatMap(([, from, bare, dynamic]) => from ?? bare ?? dynamic ?? []);
}

const sourceOf = (path: string) => path.replace(/\.js$/, '.ts');
