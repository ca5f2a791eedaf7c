import { Readable } from 'node:stream';
import { text as readAll } from 'node:stream/consumers';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { textIn, textOf } from '../../src/cli/byte-order-mark.js';
import { UsageError } from '../../src/cli/errors.js';

const TEXT = '{"text":"Grüße 👍"}';
const swapped = (text: string) => Buffer.from(text, 'utf16le').swap16();
const ENCODED: readonly [string, Buffer][] = [
  ['UTF-8', Buffer.from(TEXT)],
  ['UTF-8 with a byte order mark', Buffer.from(`\ufeff${TEXT}`)],
  ['UTF-16, little-endian', Buffer.from(`\ufeff${TEXT}`, 'utf16le')],
  ['UTF-16, big-endian', swapped(`\ufeff${TEXT}`)],
];

test.each(ENCODED)('reads %s', (_encoding, bytes) => {
  expect(textOf(bytes, 'the file')).toBe(TEXT);
});

test.each<[string, Buffer]>([
  ['Latin-1', Buffer.from('Grüße', 'latin1')],
  ['UTF-32', Buffer.from([0xff, 0xfe, 0, 0, 0x41, 0, 0, 0])],
  ['UTF-32, big-endian', Buffer.from([0, 0, 0xfe, 0xff, 0, 0, 0, 0x41])],
  ['half a character of UTF-16', Buffer.from([0xff, 0xfe, 0x41])],
])('%s is an error that says which encodings are read', (_encoding, bytes) => {
  expect(() => textOf(bytes, 'the file')).toThrow(UsageError);
  expect(() => textOf(bytes, 'the file')).toThrow(
    'the file must be text in UTF-8, or in UTF-16 with a byte order mark',
  );
});

describe('as a stream', () => {
  test.each(ENCODED)('reads %s, however the bytes are cut', async (_encoding, bytes) => {
    const cuts = fc.array(fc.nat(bytes.length), { maxLength: 5 });
    await fc.assert(
      fc.asyncProperty(cuts, async (given) => {
        const at = [0, ...given.toSorted((one, other) => one - other), bytes.length];
        const pieces = at.slice(1).map((end, index) => bytes.subarray(at[index], end));
        expect(await readAll(Readable.from(textIn(Readable.from(pieces))))).toBe(TEXT);
      }),
      { numRuns: 50 },
    );
  });

  test.each(['', 'a', 'abc'])('reads %j, which is shorter than a byte order mark', async (short) => {
    expect(await readAll(Readable.from(textIn(Readable.from([short]))))).toBe(short);
  });
});
