import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { PROJECT_ROOT } from '../../dev/temporal/project-paths.js';
import { EXAMPLES } from './support/run-example.js';

/** Removes indentation, so that code can be compared. */
const linesOf = (code: string) => code.split('\n').map((line) => line.trim());
const codeOf = (code: string) => `\n${linesOf(code).join('\n').trim()}\n`;

/** All examples in TypeScript. `npm test` compiles them. */
const sources = readdirSync(EXAMPLES, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ts'))
  .map((file) => codeOf(readFileSync(join(EXAMPLES, file), 'utf8')));

const read = (page: string) => readFileSync(join(PROJECT_ROOT, page), 'utf8');
const page = read('docs/embedding.md');
const blocksIn = (text: string) =>
  [...text.matchAll(/^```(\w+)\n(.*?)^```$/gms)].map(([, language = '', code = '']) => ({ language, code }));
const blocks = blocksIn(page);
const elsewhere = blocksIn(read('docs/encryption.md')).filter(({ language }) => language === 'ts');
const blocksOf = (wanted: string) => blocks.filter(({ language }) => language === wanted).map(({ code }) => code);

test('docs/embedding.md has code blocks in TypeScript and for the shell only', () => {
  expect(blocksOf('ts').length).toBeGreaterThan(5);
  expect(blocks.map(({ language }) => language).filter((language) => !['ts', 'sh'].includes(language))).toEqual([]);
});

test.each(blocksOf('ts'))('this code of docs/embedding.md is part of an example: %s', (code) => {
  expect(sources.filter((source) => source.includes(codeOf(code))).length).toBeGreaterThan(0);
});

test.each(elsewhere)('this code of docs/encryption.md is part of an example: $code', ({ code }) => {
  expect(sources.filter((source) => source.includes(codeOf(code))).length).toBeGreaterThan(0);
});

test('every file that docs/embedding.md links to exists', () => {
  const links = [...page.matchAll(/\]\(([^)#:]+)(?:#[^)]*)?\)/g)].map(([, path = '']) =>
    join(PROJECT_ROOT, 'docs', path),
  );
  expect(links.length).toBeGreaterThan(3);
  expect(links.filter((path) => !existsSync(path))).toEqual([]);
});
