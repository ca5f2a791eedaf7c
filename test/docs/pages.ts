import { readdirSync, readFileSync } from 'node:fs';

/** Every documentation page, by its path in the repository. */
export const PAGES: readonly string[] = [
  ...['README.md', 'SECURITY.md', 'CONTRIBUTING.md', 'CHANGELOG.md'],
  ...pagesIn('docs'),
];

/** The pages of the examples. test/examples runs their commands. */
export const EXAMPLE_PAGES: readonly string[] = pagesIn('examples').filter((page) => !page.includes('/.venv/'));

function pagesIn(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.md'))
    .map((path) => `${folder}/${path}`)
    .sort();
}

export const textOf = (page: string) => readFileSync(page, 'utf8');

/** Returns the shell blocks of a page. */
export function shellBlocks(page: string): string[] {
  return [...textOf(page).matchAll(/^```(?:sh|bash|console)\n(.*?)^```$/gms)].map(([, block = '']) => block.trim());
}

/** Returns all TypeScript blocks of a page, as one program. */
export const programOf = (page: string) =>
  [...textOf(page).matchAll(/^```ts\n(.*?)^```$/gms)].map(([, block = '']) => block).join('\n');

/** The anchors that GitHub makes from headings. */
export const anchorsOf = (page: string) =>
  [...textOf(page).matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  );
