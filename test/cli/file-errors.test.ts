import fc from 'fast-check';
import { expect, test } from 'vitest';
import { placeOfJsonError } from '../../src/cli/file-errors.js';

test.each([
  ['', 'line 1, column 1'],
  ['{', 'line 1, column 2'],
  ['{\n  "a": 1,\n  "b" 2\n}', 'line 3, column 7'],
  ['{\n  "a": 1,\n}', 'line 3, column 1'],
  ["{'a': 1}", 'line 1, column 2'],
  ['{"a": tru}', 'line 1, column 7'],
  ['{"a": 01}', 'line 1, column 8'],
  ['[1 2]', 'line 1, column 4'],
  ['[1]]', 'line 1, column 4'],
  ['{"a": "x\n"}', 'line 1, column 7'],
  ['{"a": [1, {"b": null}}', 'line 1, column 22'],
  ['{} // a comment', 'line 1, column 4'],
])('%j is no JSON from %s', (text, place) => {
  expect(() => JSON.parse(text) as unknown).toThrow();
  expect(placeOfJsonError(text)).toBe(place);
});

test('a text that was JSON is JSON up to the place where it was broken', () => {
  const broken = fc.json().chain((json) => fc.record({ json: fc.constant(json), at: fc.nat({ max: json.length }) }));
  fc.assert(
    fc.property(broken, ({ json, at }) => {
      const text = `${json.slice(0, at)}§${json.slice(at)}`;
      const [, column] = /column (\d+)$/.exec(placeOfJsonError(text)) ?? [];
      const found = Number(column) - 1;
      // Within a string § is a character like others. Within a number or a word, that token is where JSON ends.
      expect(found).toBeLessThanOrEqual(isJson(text) ? text.length : at);
    }),
  );
});

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
