import { inspect } from 'node:util';
import { describe, expect, test } from 'vitest';
import { parseEncryptionKeys } from '../../src/encryption/encryption-keys.js';
import { keyText } from './test-keys.js';

const SECRET = keyText('a').slice(2);

describe('encryption keys', () => {
  test('are read in their order', () => {
    const keys = parseEncryptionKeys(`${keyText('2026-11.new_1')} , ${keyText('old')}`);
    expect(keys.map(({ id }) => id)).toEqual(['2026-11.new_1', 'old']);
    expect(keys.map(({ key }) => key.symmetricKeySize)).toEqual([32, 32]);
  });

  test('may have white space between their parts, and a line break at the end', () => {
    const keys = parseEncryptionKeys(` a : ${SECRET} ,\r\n${keyText('old')}\n`);
    expect(keys.map(({ id }) => id)).toEqual(['a', 'old']);
    const [plain] = parseEncryptionKeys(keyText('a'));
    expect(keys[0]?.key.export()).toEqual(plain?.key.export());
  });

  test.each([undefined, '', ' '])('there are none when they are not set: %j', (text) => {
    expect(parseEncryptionKeys(text)).toEqual([]);
  });

  test('show nothing of themselves', () => {
    const keys = parseEncryptionKeys(keyText('a'));
    const shown = inspect(keys, { depth: 9, showHidden: true }) + JSON.stringify(keys);
    expect(shown).not.toContain(SECRET);
    expect(shown).not.toContain(Buffer.from(SECRET, 'base64').toString('hex'));
  });

  test.each([
    ['no id', `:${SECRET}`],
    ['no colon', SECRET],
    ['an id with a space', `a b:${SECRET}`],
    ['16 bytes', `a:${Buffer.alloc(16, 7).toString('base64')}`],
    ['33 bytes', `a:${Buffer.alloc(33, 7).toString('base64')}`],
    ['hex', `a:${Buffer.alloc(32, 7).toString('hex')}`],
    ['an empty entry', `${keyText('a')},`],
    ['the same id twice', `${keyText('a')},${keyText('a', 'other')}`],
  ])('of %s are refused, and not repeated', (_what, text) => {
    let thrown: unknown;
    try {
      parseEncryptionKeys(text);
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toBeInstanceOf(TypeError);
    expect((thrown as TypeError).message).toMatch(/^encryption key \d /);
    expect((thrown as TypeError).message).not.toContain(SECRET.slice(0, 6));
  });
});
