import { METADATA_ENCODING_KEY, type Payload } from '@temporalio/common';
import { encodingOf, textOf } from './encrypted-payload.js';

/*
 * What a workflow learns of how a payload came: encrypted with a key that this worker does not have, or not encrypted at
 * all. The codec of a worker and the converter in the workflow bundle share this file.
 */

/**
 * The value of a payload that this worker can't decrypt, though another one may. Whoever needs the value must throw a
 * {@link SealedPayloadError}.
 */
export const SEALED = Symbol('sealed');

/** Fails the workflow task. Temporal repeats the task until a worker has the key. */
export class SealedPayloadError extends Error {
  override readonly name = 'SealedPayloadError';

  constructor(what: string) {
    super(`${what} is encrypted, and this worker can't decrypt it: give it the key in PAYLOAD_ENCRYPTION_KEYS`);
  }
}

/** `refused`: PAYLOAD_ENCRYPTION_REQUIRED is true on this worker. `taken`: it has keys, but does not require encryption. */
export type Cleartext = 'refused' | 'taken';

const CLEARTEXT_METADATA = 'rcs-delivery-cleartext';

/** Marks a payload that was not encrypted, for the converter. The mark never leaves the worker. */
export function markCleartext(payload: Payload, how: Cleartext): Payload {
  return { ...payload, metadata: { ...payload.metadata, [CLEARTEXT_METADATA]: new TextEncoder().encode(how) } };
}

const cleartext = new WeakMap<object, Cleartext>();

/** Remembers the mark of the payload for the value that was read from it. */
export function noteCleartext(value: unknown, { metadata }: Payload): void {
  const how = textOf(metadata?.[CLEARTEXT_METADATA]);
  if (typeof value === 'object' && value !== null && (how === 'refused' || how === 'taken')) cleartext.set(value, how);
}

/** Undefined for a value that was encrypted, and on a worker without keys. */
export const cleartextOf = (value: unknown): Cleartext | undefined =>
  typeof value === 'object' && value !== null ? cleartext.get(value) : undefined;

const ONLY_FOR_WORKFLOWS = 'not-encrypted:';

/**
 * Gives the payload an encoding that only the converter in the workflow bundle knows. The SDK decodes what an activity is
 * given and what a workflow gets back from it in the same way, but the first with Temporal's own converter, which fails.
 */
export function onlyForWorkflows(payload: Payload): Payload {
  const encoding = new TextEncoder().encode(ONLY_FOR_WORKFLOWS + encodingOf(payload));
  return { ...payload, metadata: { ...payload.metadata, [METADATA_ENCODING_KEY]: encoding } };
}

/** The payload as it was before {@link onlyForWorkflows}. */
export function forWorkflow(payload: Payload): Payload {
  const encoding = encodingOf(payload);
  if (!encoding.startsWith(ONLY_FOR_WORKFLOWS)) return payload;
  const former = new TextEncoder().encode(encoding.slice(ONLY_FOR_WORKFLOWS.length));
  return { ...payload, metadata: { ...payload.metadata, [METADATA_ENCODING_KEY]: former } };
}
