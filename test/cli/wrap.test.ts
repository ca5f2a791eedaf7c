import fc from 'fast-check';
import { expect, test } from 'vitest';
import { hanging, wrapped } from '../../src/cli/wrap.js';

const word = fc.stringMatching(/^[a-z0-9:-]{1,60}$/);

test('no word is lost or cut, and only a line of one word is too wide', () => {
  fc.assert(
    fc.property(fc.array(word, { minLength: 1 }), fc.integer({ min: 20, max: 90 }), (words, width) => {
      const lines = wrapped(words.join(' '), width);
      expect(lines.join(' ')).toBe(words.join(' '));
      for (const line of lines) if (line.length > width) expect(line).not.toContain(' ');
    }),
  );
});

test('what follows the first line is indented as far as the text', () => {
  expect(hanging('next       ', 'one two three four five six', 31)).toEqual([
    'next       one two three four',
    '           five six',
  ]);
  expect(hanging('head ', 'text', Infinity)).toEqual(['head text']);
});
