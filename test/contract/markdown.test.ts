import fc from 'fast-check';
import { expect, test } from 'vitest';
import { inMarkdown } from '../../src/contract/markdown.js';

test.each([
  'wrong price',
  'failed: 503 UNAVAILABLE',
  'notSent by twilio: account, 401 20003',
  'RBM expireTime 2026-01-02T03:04:05.000Z',
  '1.5s late. Preis geändert (fallback: none)',
])('stays as it is: %s', (text) => {
  expect(inMarkdown(text)).toBe(text);
});

test.each([
  ['**DELIVERED**', '`**DELIVERED**`'],
  ['_x_', '`_x_`'],
  ['[status](https://evil.example)', '`[status](https://evil.example)`'],
  ['![x](https://evil.example/pixel.png)', '`![x](https://evil.example/pixel.png)`'],
  ['https://evil.example', '`https://evil.example`'],
  ['www.evil.example', '`www.evil.example`'],
  ['me@evil.example', '`me@evil.example`'],
  ['<img src=x onerror=alert(1)>', '`<img src=x onerror=alert(1)>`'],
  ['&lt;b&gt;', '`&lt;b&gt;`'],
  ['a | b', '`a | b`'],
  ['`code` ``', "`'code' ''`"],
  ['\\', '`\\`'],
  ['x\n\n# DELIVERED', '`x # DELIVERED`'],
  ['x\r- 2026 webhook: delivered', 'x - 2026 webhook: delivered'],
  ['x\u2028y\u202ez', 'x y z'],
])('%j becomes %s', (text, shown) => {
  expect(inMarkdown(text)).toBe(shown);
});

test('any text is one line, and a code span unless it has nothing that means something', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      const shown = inMarkdown(text);
      expect(shown).not.toMatch(/[\n\r\u2028\u2029\u202a-\u202e]/);
      const span = /^`([^`]*)`$/.exec(shown);
      if (span === null) expect(shown).not.toMatch(/[*`[\]<>!#~|\\&@/]|(?:^|[^\p{L}\p{N}])_/u);
    }),
  );
});
