import { fileURLToPath } from 'node:url';
import type { DataConverter } from '@temporalio/common';
import type { EncryptionKey } from './encryption-keys.js';
import { createPayloadCodec } from './payload-codec.js';

const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
/** A path, because workers load it into the workflows' sandbox too. */
export const FAILURE_CONVERTER_PATH = fileURLToPath(new URL(`./failure-converter.${extension}`, import.meta.url));

/** For the workflow bundle only: anybody else should be told what they can't read. */
export const PAYLOAD_CONVERTER_PATH = fileURLToPath(new URL(`./payload-converter.${extension}`, import.meta.url));

/**
 * What a Temporal Client, a DeliveryWorker and a Replayer need so that nothing readable reaches Temporal: payloads, and
 * failures' messages and stack traces, are encrypted. undefined without keys: Temporal's default, which is readable.
 */
export function createDataConverter({
  keys,
}: {
  readonly keys?: readonly EncryptionKey[] | undefined;
}): DataConverter | undefined {
  if (keys === undefined || keys.length === 0) return undefined;
  return { payloadCodecs: [createPayloadCodec({ keys })], failureConverterPath: FAILURE_CONVERTER_PATH };
}
