import { defaultPayloadConverter, type Payload } from '@temporalio/common';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ENCRYPTED, KEY_ID_METADATA } from '../../src/encryption/payloads/encrypted-payload.js';
import { createPayloadCodec } from '../../src/encryption/payload-codec.js';
import { parseEncryptionKeys } from '../../src/encryption/encryption-keys.js';
import { PayloadDecryptionError } from '../../src/encryption/payload-decryption-error.js';
import { keyText, testKeys } from './test-keys.js';

const codec = createPayloadCodec({ keys: testKeys('current') });
const plain = (value: unknown): Payload => defaultPayloadConverter.toPayload(value);
const valueOf = (payload: Payload | undefined) => defaultPayloadConverter.fromPayload(payload ?? {});

async function encrypted(value: unknown, by = codec): Promise<Payload & { readonly data: Uint8Array }> {
  const [payload] = await by.encode([plain(value)]);
  if (payload?.data == null) throw new Error('nothing was encrypted');
  return { ...payload, data: payload.data };
}

async function failureOf(payload: Payload, by = codec): Promise<PayloadDecryptionError> {
  const error: unknown = await by.decode([payload]).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof PayloadDecryptionError)) throw new Error('it was decrypted', { cause: error });
  return error;
}

const named = (id: string) => ({ encoding: Buffer.from(ENCRYPTED), [KEY_ID_METADATA]: Buffer.from(id) });

describe('the payload codec', () => {
  test('shows of a payload its encoding and the id of the key, and no more', async () => {
    const { metadata, data } = await encrypted({ text: 'marked text' });
    expect(Object.entries(metadata ?? {}).map(([name, bytes]) => [name, Buffer.from(bytes).toString()])).toEqual([
      ['encoding', 'binary/encrypted'],
      ['encryption-key-id', 'current'],
    ]);
    expect(Buffer.from(data).toString('latin1')).not.toMatch(/marked text|json/);
  });

  test('never encrypts the same twice alike', async () => {
    const all = await codec.encode(Array.from({ length: 500 }, () => plain('same')));
    const ivs = all.map(({ data }) =>
      Buffer.from(data ?? [])
        .subarray(0, 12)
        .toString('hex'),
    );
    expect(new Set(ivs).size).toBe(500);
    expect(
      new Set(
        all.map(({ data }) =>
          Buffer.from(data ?? [])
            .subarray(12)
            .toString('hex'),
        ),
      ).size,
    ).toBe(500);
  });

  test.each([[{ a: [1, 'ü'] }], [''], [0], [null], [undefined], [new Uint8Array([0, 255])]])(
    'gives %j back',
    async (value) => {
      const [back] = await codec.decode([await encrypted(value)]);
      expect(valueOf(back)).toEqual(value);
    },
  );

  test('gives back any payload, whatever its metadata and size', async () => {
    const bytes = (maxLength: number) => fc.uint8Array({ maxLength });
    const payloads = fc.array(
      fc.record({ metadata: fc.dictionary(fc.string(), bytes(20), { noNullPrototype: true }), data: bytes(3_000) }),
      { maxLength: 5 },
    );
    const hex = ({ metadata, data }: Payload) => ({
      metadata: Object.entries(metadata ?? {}).map(([name, value]) => [name, Buffer.from(value).toString('hex')]),
      data: Buffer.from(data ?? []).toString('hex'),
    });
    await fc.assert(
      fc.asyncProperty(payloads, async (given) => {
        const back = await codec.decode(await codec.encode(given));
        expect(back.map(hex)).toEqual(given.map(hex));
      }),
      { numRuns: 300 },
    );
  });

  test('leaves alone what is not encrypted', async () => {
    const given = [plain({ from: 'before the key' }), {}, { metadata: null, data: null }];
    const back = await codec.decode([...given, await encrypted('after')]);
    expect(back.slice(0, 3)).toEqual(given);
    expect(valueOf(back[3])).toBe('after');
  });

  test('rotates: the first key encrypts, all decrypt', async () => {
    const before = createPayloadCodec({ keys: testKeys('old') });
    const during = createPayloadCodec({ keys: testKeys('new', 'old') });
    const after = createPayloadCodec({ keys: testKeys('new') });
    const [old, fresh] = [await encrypted('old', before), await encrypted('fresh', during)];
    expect((await during.decode([old, fresh])).map(valueOf)).toEqual(['old', 'fresh']);
    expect((await after.decode([fresh])).map(valueOf)).toEqual(['fresh']);
    expect(await failureOf(old, after)).toMatchObject({
      code: 'UNKNOWN_KEY',
      keyId: 'old',
      message: 'a payload is encrypted with the key "old", which is not configured here',
    });
  });

  test('notices every single bit that was changed', async () => {
    const payload = await encrypted('hi');
    for (let bit = 0; bit < payload.data.length * 8; bit += 1) {
      const data = Uint8Array.from(payload.data);
      data[bit >> 3] = (data[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      expect(await failureOf({ ...payload, data })).toMatchObject({ code: 'NOT_AUTHENTIC', keyId: 'current' });
    }
  });

  test('notices a payload that was cut or prolonged', async () => {
    const payload = await encrypted('hi');
    for (let length = 0; length < payload.data.length; length += 1) {
      const code = length < 28 ? 'UNREADABLE' : 'NOT_AUTHENTIC';
      expect(await failureOf({ ...payload, data: payload.data.subarray(0, length) })).toMatchObject({ code });
    }
    const data = Buffer.concat([payload.data, Buffer.alloc(1)]);
    expect(await failureOf({ ...payload, data })).toMatchObject({ code: 'NOT_AUTHENTIC' });
  });

  test('binds the key id: even the same key under another id does not open it', async () => {
    const twins = parseEncryptionKeys(`${keyText('a', 'same')},${keyText('b', 'same')}`);
    const by = createPayloadCodec({ keys: twins });
    const { data } = await encrypted('hi', by);
    expect(valueOf((await by.decode([{ metadata: named('a'), data }]))[0])).toBe('hi');
    expect(await failureOf({ metadata: named('b'), data }, by)).toMatchObject({ code: 'NOT_AUTHENTIC', keyId: 'b' });
  });

  test('says of a wrong key, and of a key id that is none, nothing but that', async () => {
    const other = createPayloadCodec({ keys: parseEncryptionKeys(keyText('current', 'another seed')) });
    expect(await failureOf(await encrypted('hi'), other)).toMatchObject({ code: 'NOT_AUTHENTIC', keyId: 'current' });
    const { data } = await encrypted('hi');
    for (const id of ['', 'x'.repeat(65), '+15550100001\nmarked']) {
      const { code, keyId, message } = await failureOf({ metadata: named(id), data });
      expect({ code, keyId }).toEqual({ code: 'UNREADABLE', keyId: undefined });
      expect(message).not.toMatch(/5550100|marked|xx/);
    }
  });

  test('needs a key', () => {
    expect(() => createPayloadCodec({ keys: [] })).toThrow(TypeError);
  });
});
