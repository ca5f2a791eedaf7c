import { readFileSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { dirname, join } from 'node:path';
import ts from 'typescript-6';

export interface Closure {
  /** Paths of files, from the folder: the entries, and what they import, directly or through others. */
  readonly files: readonly string[];
  /** The npm packages that these files import. */
  readonly packages: readonly string[];
}

/** What the entries import, in code and in types. `entries` are paths from `folder` without an extension. */
export function moduleClosure(folder: string, entries: readonly string[]): Closure {
  const files = new Set<string>();
  const packages = new Set<string>();
  const visit = (file: string): void => {
    if (files.has(file)) return;
    files.add(file);
    const { importedFiles } = ts.preProcessFile(readFileSync(join(folder, file), 'utf8'), true, true);
    for (const { fileName } of importedFiles) {
      if (fileName.startsWith('.')) visit(importedFile(file, fileName));
      else if (!isOfNode(fileName)) packages.add(packageOf(fileName));
    }
  };
  for (const entry of entries) for (const extension of ['.js', '.d.ts']) visit(entry + extension);
  return { files: [...files].sort(), packages: [...packages].sort() };
}

/** A declaration imports the declaration beside the code that it names. */
const importedFile = (from: string, name: string): string => {
  const file = join(dirname(from), name);
  return from.endsWith('.d.ts') ? file.replace(/\.js$/, '.d.ts') : file;
};

const isOfNode = (name: string): boolean => name.startsWith('node:') || builtinModules.includes(name);

const packageOf = (name: string): string => name.split('/', name.startsWith('@') ? 2 : 1).join('/');
