import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import ts from 'typescript-6';
import { expect, test } from 'vitest';
import { MAY_IMPORT } from '../../dev/lint/may-import.js';

type Graph = ReadonlyMap<string, readonly string[]>;

/** Knip reports cycles of values (knip.jsonc). A cycle of types is as hard to read: this test counts `import type` too. */
test('no file imports itself through others, not even for a type', () => {
  expect(cyclesIn(new Map(sourceFiles().map((file) => [file, importsOf(file)])))).toEqual([]);
});

test('the table of what each folder may import allows no cycle between folders', () => {
  const imports = Object.entries(MAY_IMPORT).map(([folder, entries]) => {
    const names = entries.map((entry) => entry.replace(/^types of /, ''));
    return [folder, names.filter((name) => !isWithin(name, folder))] as const;
  });
  expect(cyclesIn(new Map(imports))).toEqual([]);
});

test('a cycle is found, however long', () => {
  const graph = new Map([
    ['a', ['b']],
    ['b', ['c', 'd']],
    ['c', []],
    ['d', ['b']],
  ]);
  expect(cyclesIn(graph)).toEqual(['b → d → b']);
});

/** src/contract/schema may import src/contract, which may import its types. */
const isWithin = (inner: string, outer: string) => inner.startsWith(`${outer}/`);

function sourceFiles(): readonly string[] {
  return ['src', 'dev', 'test', 'examples'].flatMap((folder) =>
    readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.ts') && !name.includes('node_modules'))
      .map((name) => join(folder, name)),
  );
}

function importsOf(file: string): readonly string[] {
  return ts
    .preProcessFile(readFileSync(file, 'utf8'))
    .importedFiles.map(({ fileName }) => fileName)
    .filter((name) => name.startsWith('.'))
    .map((name) => join(dirname(file), name).replace(/\.js$/, '.ts'));
}

/** Every cycle that a depth-first walk meets, as `a → b → a`. */
function cyclesIn(graph: Graph): readonly string[] {
  const cycles: string[] = [];
  const done = new Set<string>();
  const walk = (node: string, path: readonly string[]) => {
    if (path.includes(node)) cycles.push([...path.slice(path.indexOf(node)), node].join(' → '));
    if (path.includes(node) || done.has(node)) return;
    for (const next of graph.get(node) ?? []) walk(next, [...path, node]);
    done.add(node);
  };
  for (const node of graph.keys()) walk(node, []);
  return cycles;
}
