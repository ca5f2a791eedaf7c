import { fileURLToPath } from 'node:url';
import type { DataConverter } from '@temporalio/common';
import type { EncryptionKey } from './encryption-keys.js';
import { createPayloadCodec } from './payload-codec.js';

const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
/** A path, because a worker also loads this file into the workflow sandbox. */
export const FAILURE_CONVERTER_PATH = fileURLToPath(new URL(`./failure-converter.${extension}`, import.meta.url));

/**
 * Returns the data converter that encrypts payloads, and failures' messages and stack traces. For a Temporal Client,
 * `createDeliveryWorker` and a replay. Without keys returns undefined, which is Temporal's default: nothing is encrypted.
 */
export function createDataConverter({
  keys,
}: {
  readonly keys?: readonly EncryptionKey[] | undefined;
}): DataConverter | undefined {
  if (keys === undefined || keys.length === 0) return undefined;
  return { payloadCodecs: [createPayloadCodec({ keys })], failureConverterPath: FAILURE_CONVERTER_PATH };
}
