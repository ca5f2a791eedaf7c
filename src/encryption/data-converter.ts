import { fileURLToPath } from 'node:url';
import type { DataConverter, Payload, PayloadCodec } from '@temporalio/common';
import type { EncryptionKey } from './encryption-keys.js';
import { createPayloadCodec, isEncryptingCodec } from './payload-codec.js';
import { isEncrypted } from './payloads/encrypted-payload.js';
import { onlyForWorkflows } from './payloads/as-received.js';

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

export interface WorkflowDataConverterOptions {
  /** Refuses what is not encrypted. Default false. */
  readonly encryptionRequired?: boolean | undefined;
}

/**
 * Returns the data converter for a Worker. What clients sent to its workflows is decoded so that a payload which can't be
 * decrypted does not fail the workflow task: the workflow decides. Where encryption is required, an activity whose input is
 * not encrypted fails before it runs. A converter of another origin is returned as it is. Throws a TypeError if encryption
 * is required and the converter is not one of {@link createDataConverter}, unchanged.
 */
export function forWorkflows(
  converter: DataConverter | undefined,
  { encryptionRequired = false }: WorkflowDataConverterOptions = {},
): DataConverter | undefined {
  const given = converter?.payloadCodecs ?? [];
  // Another codec would lose the marks of what is not encrypted.
  const isOurs = given.length === 1 && given.every(isEncryptingCodec) && converter?.payloadConverterPath === undefined;
  if (encryptionRequired && !isOurs) {
    throw new TypeError(
      'encryptionRequired needs a dataConverter that createDataConverter made with keys, without another codec or converter',
    );
  }
  const payloadCodecs = given.map((codec): PayloadCodec => {
    if (!isEncryptingCodec(codec)) return codec;
    return {
      encode: (payloads, context) => codec.encode(payloads, context),
      async decode(payloads, context) {
        if (context?.type === 'workflow')
          return codec.decodeForWorkflow(payloads, encryptionRequired ? 'refused' : 'taken');
        const decoded = await codec.decode(payloads, context);
        return encryptionRequired && context?.type === 'activity' ? refusedInActivities(decoded, payloads) : decoded;
      },
    };
  });
  return converter && { ...converter, ...(given.length > 0 && { payloadCodecs }) };
}

const refusedInActivities = (decoded: readonly Payload[], received: readonly Payload[]): Payload[] =>
  decoded.map((payload, at) => (isEncrypted(received[at] ?? {}) ? payload : onlyForWorkflows(payload)));
