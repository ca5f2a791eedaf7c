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

  test.each([
    ['a line break at the end', (one: string, two: string) => `${one},${two}\n`],
    ['a line for each', (one: string, two: string) => `${one}\n${two}\n`],
    ['lines and commas, by Windows', (one: string, two: string) => `\r\n${one},\r\n${two}\r\n`],
    ['a comma too many', (one: string, two: string) => `,${one},,${two}, `],
    ['spaces after the colons', (one: string, two: string) => `${one}, ${two}`.replaceAll(':', ' : ')],
    ['wrapped base64', (one: string, two: string) => `${one.slice(0, 20)} ${one.slice(20)},\t${two}`],
  ])('are the same with %s', (_how, written) => {
    const [one, two] = [keyText('one'), keyText('two')];
    const keys = parseEncryptionKeys(written(one, two));
    const bytes = (given: typeof keys) => given.map(({ id, key }) => [id, key.export().toString('hex')]);
    expect(bytes(keys)).toEqual(bytes(parseEncryptionKeys(`${one},${two}`)));
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
    ['nothing but commas', ' ,\n,'],
    ['the same id twice', `${keyText('a')},${keyText('a', 'other')}`],
  ])('of %s are refused, and not repeated', (_what, text) => {
    let thrown: unknown;
    try {
      parseEncryptionKeys(text);
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toBeInstanceOf(TypeError);
    expect((thrown as TypeError).message).toMatch(/^encryption key \d |^there is no encryption key$/);
    expect((thrown as TypeError).message).not.toContain(SECRET.slice(0, 6));
  });
});
