import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { messageIdFor } from '../../src/index.js';
import { UUID_PATTERN } from '../../src/contract/patterns.js';
import { VECTORS } from '../examples/support/message-id-vectors.js';

const secret = 'sixteen bytes ok';

test.each(VECTORS)('$name under its secret is $messageId', (vector) => {
  expect(messageIdFor(vector.secret, vector.name)).toBe(vector.messageId);
  expect(messageIdFor(Buffer.from(vector.secret), vector.name)).toBe(vector.messageId);
});

test('any name gives a version 8 UUID in lower case, another one for another name or secret', () => {
  fc.assert(
    fc.property(fc.string({ minLength: 1, unit: 'binary' }), (name) => {
      const id = messageIdFor(secret, name);
      expect(id).toMatch(UUID_PATTERN);
      expect(id).toMatch(/^.{8}-.{4}-8.{3}-[89ab].{3}-.{12}$/);
      expect(id).toBe(id.toLowerCase());
      expect(new Set([id, messageIdFor(`${secret}!`, name), messageIdFor(secret, `${name}!`)]).size).toBe(3);
    }),
  );
});

describe('a TypeError that repeats nothing', () => {
  test.each<[string, unknown, unknown]>([
    ['a secret of 15 bytes', 'fifteen bytes !', 'order/1042'],
    ['no secret', undefined, 'order/1042'],
    ['bytes that are too few', new Uint8Array(15), 'order/1042'],
    ['an empty name', secret, ''],
    ['no name', secret, undefined],
    ['half of a character', secret, 'order/\ud83d'],
  ])('%s', (_title, wrongSecret, name) => {
    const call = () => messageIdFor(wrongSecret as string, name as string);
    expect(call).toThrow(TypeError);
    expect(call).not.toThrow(/fifteen|order/);
  });

  test('a secret is measured in bytes, not in characters', () => {
    expect(messageIdFor('ü'.repeat(8), 'order/1042')).toMatch(UUID_PATTERN);
  });
});
