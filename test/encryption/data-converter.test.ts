import { ApplicationFailure, defaultPayloadConverter, type Payload } from '@temporalio/common';
import { encodeErrorToFailure, loadDataConverter } from '@temporalio/common/lib/internal-non-workflow/index.js';
import { describe, expect, test } from 'vitest';
import { forWorkflows } from '../../src/encryption/data-converter.js';
import { createPayloadCodec } from '../../src/encryption/payload-codec.js';
import { payloadConverter } from '../../src/encryption/payload-converter.js';
import { PayloadDecryptionError } from '../../src/encryption/payload-decryption-error.js';
import { createDataConverter } from '../../src/index.js';
import { testKeys } from './test-keys.js';

const toPayload = (value: unknown) => defaultPayloadConverter.toPayload(value);

test('without keys there is none', () => {
  expect(createDataConverter({})).toBeUndefined();
  expect(createDataConverter({ keys: [] })).toBeUndefined();
});

test("hides a failure's message, stack trace and details, and those of its causes", async () => {
  const converter = loadDataConverter(createDataConverter({ keys: testKeys('a') }));
  const error = ApplicationFailure.create({
    type: 'SmsRefused',
    message: 'marked message',
    details: ['marked details'],
    cause: new Error('marked cause'),
  });
  const failure = await encodeErrorToFailure(converter, error);
  expect(failure).toMatchObject({
    message: 'Encoded failure',
    stackTrace: '',
    applicationFailureInfo: { type: 'SmsRefused' },
    cause: { message: 'Encoded failure' },
  });
  expect(Buffer.from(JSON.stringify(failure)).toString()).not.toMatch(/marked|data-converter\.test/);
});

describe('the converter of a worker', () => {
  const context = { type: 'workflow', namespace: 'default', workflowId: 'message-delivery:acme:1' } as const;
  const sealed = async () => createPayloadCodec({ keys: testKeys('lost') }).encode([toPayload({ a: 1 })]);
  const codecOf = (given: Parameters<typeof forWorkflows>[1] = {}) => {
    const [codec] = forWorkflows(createDataConverter({ keys: testKeys('current') }), given)?.payloadCodecs ?? [];
    if (codec === undefined) throw new Error('there is no codec');
    return codec;
  };

  test('passes on to a workflow what it can not decrypt, and refuses it anywhere else', async () => {
    const payloads = await sealed();
    expect(await codecOf().decode(payloads, context)).toEqual(payloads);
    const activity = { type: 'activity', namespace: 'default', isLocal: false } as const;
    for (const other of [activity, undefined]) {
      await expect(codecOf().decode(payloads, other)).rejects.toThrow(PayloadDecryptionError);
    }
  });

  test('marks what came to a workflow in cleartext, and nothing else', async () => {
    const markOf = async (payload: Payload, given?: Parameters<typeof forWorkflows>[1], to?: typeof context) => {
      const [decoded] = await codecOf(given).decode([payload], to);
      return Object.keys(decoded?.metadata ?? {}).filter((name) => name !== 'encoding').length;
    };
    const [encrypted = {}] = await codecOf().encode([toPayload({ a: 1 })]);
    expect(await markOf(toPayload({ a: 1 }), {}, context)).toBe(1);
    expect(await markOf(toPayload({ a: 1 }), { encryptionRequired: true }, context)).toBe(1);
    expect(await markOf(toPayload({ a: 1 }))).toBe(0);
    expect(await markOf(encrypted, { encryptionRequired: true }, context)).toBe(0);
  });

  test('where encryption is required, only a workflow can read what an activity got or gave in cleartext', async () => {
    const activity = { type: 'activity', namespace: 'default', isLocal: false } as const;
    const clear = toPayload({ a: 1 });
    const [encrypted = {}] = await codecOf().encode([clear]);
    const decode = async (payload: Payload, encryptionRequired: boolean) => {
      const [decoded = {}] = await codecOf({ encryptionRequired }).decode([payload], activity);
      return decoded;
    };
    for (const encryptionRequired of [true, false]) {
      expect(defaultPayloadConverter.fromPayload(await decode(encrypted, encryptionRequired))).toEqual({ a: 1 });
      expect(payloadConverter.fromPayload(await decode(clear, encryptionRequired), activity)).toEqual({ a: 1 });
    }
    expect(defaultPayloadConverter.fromPayload(await decode(clear, false))).toEqual({ a: 1 });
    const refused = await decode(clear, true);
    expect(() => defaultPayloadConverter.fromPayload(refused)).toThrow('Unknown encoding: not-encrypted:json/plain');
  });

  test('leaves another codec alone, and requires no encryption that there is not', () => {
    const other = { payloadCodecs: [{ encode: () => Promise.resolve([]), decode: () => Promise.resolve([]) }] };
    expect(forWorkflows(other)).toEqual(other);
    expect(forWorkflows(undefined)).toBeUndefined();
    const foreign = { ...createDataConverter({ keys: testKeys('current') }), payloadConverterPath: '/their/own.js' };
    // What compresses before our codec encrypts would lose the mark of what was not encrypted.
    const compressed = { payloadCodecs: [...other.payloadCodecs, createPayloadCodec({ keys: testKeys('current') })] };
    for (const converter of [undefined, other, foreign, compressed]) {
      expect(() => forWorkflows(converter, { encryptionRequired: true })).toThrow(TypeError);
    }
  });
});
