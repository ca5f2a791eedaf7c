import { readdirSync, readFileSync } from 'node:fs';

/** Every page that a reader may find, by its path in the repository. */
export const PAGES: readonly string[] = ['README.md', 'SECURITY.md', 'CONTRIBUTING.md', 'CHANGELOG.md', ...docsPages()];

function docsPages(): string[] {
  return readdirSync('docs', { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.md'))
    .map((path) => `docs/${path}`)
    .sort();
}

export const textOf = (page: string) => readFileSync(page, 'utf8');

/** The shell commands that a page prints, block by block. */
export function shellBlocks(page: string): string[] {
  return [...textOf(page).matchAll(/^```(?:sh|bash|console)\n(.*?)^```$/gms)].map(([, block = '']) => block.trim());
}
