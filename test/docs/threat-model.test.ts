import { existsSync } from 'node:fs';
import { expect, test } from 'vitest';
import { textOf } from './pages.js';

const PAGE = 'docs/threat-model.md';
/** The sections of the attackers, each with what stops them. */
const sections = textOf(PAGE)
  .split(/^## /m)
  .map((section) => ({ title: section.split('\n', 1)[0] ?? '', text: section }))
  .filter(({ text }) => /\*\*What stops/.test(text));

/** `test/webhook`, or the files that a list names before "in `test/webhook`". */
function testsOf(text: string): readonly string[] {
  const whole = [...text.matchAll(/`(test\/[\w/.-]+)`/g)].map(([, path = '']) => path);
  const listed = [...text.matchAll(/((?:`[\w-]+\.test\.ts`(?:,? and |, )?)+) in `(test\/[\w/-]+)`/g)].flatMap(
    ([, files = '', folder = '']) => [...files.matchAll(/`([^`]+)`/g)].map(([, file = '']) => `${folder}/${file}`),
  );
  return [...whole, ...listed];
}

test('there are sections', () => {
  expect(sections.length).toBeGreaterThan(10);
});

test.each(sections)('$title: names the tests that hold it, and they exist', ({ text }) => {
  const named = testsOf(text);
  expect(named).not.toEqual([]);
  expect(named.filter((path) => !existsSync(path))).toEqual([]);
});
