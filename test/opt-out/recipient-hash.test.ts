import { randomBytes } from 'node:crypto';
import { Client, Connection } from '@temporalio/client';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readClientConfig } from '../../src/config/client-config.js';
import { createDeliveryClient } from '../../src/index.js';
import { parseHashKeys, recipientHashes } from '../../src/opt-out/recipient-hash.js';

const RECIPIENT = '+15550100001';
const [CURRENT, FORMER] = [randomBytes(32).toString('base64'), randomBytes(32).toString('hex')];
const white = fc.stringMatching(/^[ \t\r\n]{0,3}$/);

/** The query by which a backend finds a person with this text of RECIPIENT_HASH_KEY. Nothing connects. */
function queryWith(recipientHashKey: string): string {
  const client = new Client({ connection: Connection.lazy({ address: '127.0.0.1:1' }) });
  return createDeliveryClient({ client, searchAttributes: { recipientHashKey } }).query({ recipient: RECIPIENT });
}

describe('white space around a key', () => {
  test('changes no hash, in the library as in the roles', () => {
    const expected = recipientHashes(RECIPIENT, [CURRENT, FORMER]);
    fc.assert(
      fc.property(white, white, white, (a, b, c) => {
        const text = `${a}${CURRENT}${b},${c}${FORMER}${a}`;
        expect(recipientHashes(RECIPIENT, parseHashKeys(text))).toEqual(expected);
        const { recipientHashKey = '' } = readClientConfig({ RECIPIENT_HASH_KEY: text });
        expect(recipientHashes(RECIPIENT, parseHashKeys(recipientHashKey))).toEqual(expected);
      }),
    );
  });

  test.each(['\n', '\r\n', ' '])('finds the same person in a backend: %j', (end) => {
    expect(queryWith(`${CURRENT}${end}`)).toBe(queryWith(CURRENT));
    expect(queryWith(`${CURRENT}, ${FORMER}${end}`)).toBe(queryWith(`${CURRENT},${FORMER}`));
  });

  test.each([`"${CURRENT}"`, `'${CURRENT}'\n`])('and quotes around it change no hash: %s', (text) => {
    expect(parseHashKeys(text)).toEqual([CURRENT]);
    expect(queryWith(text)).toBe(queryWith(CURRENT));
  });

  test.each([',', '\n', '\r\n', ' ,\n', '\n\n'])('with other keys around it separates them: %j', (separator) => {
    for (const text of [
      `${CURRENT}${separator}${FORMER}`,
      `${separator}${CURRENT}${separator}${FORMER}${separator}`,
      `${CURRENT},${separator}${FORMER}`,
    ]) {
      expect(parseHashKeys(text)).toEqual([CURRENT, FORMER]);
      expect(readClientConfig({ RECIPIENT_HASH_KEY: text }).recipientHashKey).toBe(text.trim());
    }
  });

  test.each(['', '\n', ' , '])('is no key by itself: %j', (text) => {
    expect(() => parseHashKeys(text)).toThrow(TypeError);
  });
});
