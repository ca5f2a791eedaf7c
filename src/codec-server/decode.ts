import type { Payload, PayloadCodec } from '@temporalio/common';
import { z } from 'zod';
import { isEncrypted, keyIdOf } from '../encryption/payloads/encrypted-payload.js';
import { PayloadDecryptionError } from '../encryption/payload-decryption-error.js';
import type { Logger } from '../observability/logger.js';
import { CodecServerError } from './errors.js';
import { messageIdsIn } from './message-ids.js';

export interface DecodeRequest {
  readonly body: unknown;
  readonly caller: string;
  /** From the caller's header, not verified. Empty if there is none. */
  readonly namespace: string;
}

/**
 * Decodes payloads. Logs the caller, the namespace, the number of payloads, the key ids and the messageIds, and nothing
 * else of the content.
 */
export async function decode(
  { body, caller, namespace }: DecodeRequest,
  {
    codec,
    log,
    maxPayloads,
  }: { readonly codec: PayloadCodec; readonly log: Pick<Logger, 'info' | 'warn'>; readonly maxPayloads: number },
): Promise<{ readonly payloads: readonly JsonPayload[] }> {
  const parsed = isDeep(body) ? undefined : jsonPayloads.safeParse(body);
  if (parsed?.success !== true) throw new CodecServerError('MALFORMED');
  const given = parsed.data.payloads;
  if (given.length > maxPayloads) throw new CodecServerError('BODY_TOO_LARGE');
  const payloads = given.map(fromJson);
  const encrypted = payloads.filter(isEncrypted);
  const keyIds = [...new Set(encrypted.map((payload) => keyIdOf(payload) ?? '(none)'))].slice(0, MOST_KEY_IDS);
  const audit = { caller, namespace: loggable(namespace), payloads: given.length, encrypted: encrypted.length, keyIds };
  try {
    const decoded = await codec.decode(payloads);
    // What a caller sends in cleartext could name anybody's delivery.
    const read = decoded.filter((_, at) => isEncrypted(payloads[at] ?? {}));
    for (const messageIds of messageIdsIn(read)) log.info({ ...audit, messageIds }, 'decoded');
    // Payloads that were not encrypted are returned unchanged.
    return { payloads: given.map((json, at) => (isEncrypted(payloads[at] ?? {}) ? toJson(decoded[at] ?? {}) : json)) };
  } catch (error) {
    if (error instanceof PayloadDecryptionError) log.warn({ ...audit, code: error.code }, 'not decoded');
    throw error;
  }
}

/** A caller may name any. More keys than that are in use nowhere. */
const MOST_KEY_IDS = 20;

/** Deeper than any payload. Without this limit, deeply nested JSON could exhaust the stack. */
const MAX_DEPTH = 16;

function isDeep(body: unknown): boolean {
  let level: unknown[] = [body];
  for (let depth = 0; level.length > 0; depth += 1) {
    if (depth > MAX_DEPTH) return true;
    level = level.flatMap((value) =>
      typeof value === 'object' && value !== null ? Object.values(value as Record<string, unknown>) : [],
    );
  }
  return false;
}

const NAMESPACE = /^[\w.-]{1,255}$/;

/** The namespace for the log. A header may hold anything, so only a valid name is repeated. */
const loggable = (namespace: string) =>
  NAMESPACE.test(namespace) ? namespace : namespace === '' ? '(none)' : '(not a namespace)';

/** Protobuf's JSON accepts both base64 alphabets, with and without padding. Node decodes them all. */
const base64 = z.string().regex(/^[A-Za-z0-9+/_-]*={0,2}$/);

/** Temporal's Payload message as JSON, with bytes as base64. Unknown fields are kept. */
const jsonPayload = z.looseObject({
  metadata: z.record(z.string(), base64).nullish(),
  data: base64.nullish(),
});
type JsonPayload = z.output<typeof jsonPayload>;

/** The body of a request and of its answer, in Temporal's codec protocol. */
const jsonPayloads = z.object({ payloads: z.array(jsonPayload) });

function fromJson({ metadata, data }: JsonPayload): Payload {
  const entries = Object.entries(metadata ?? {}).map(([key, value]) => [key, Buffer.from(value, 'base64')] as const);
  return { metadata: Object.fromEntries(entries), data: Buffer.from(data ?? '', 'base64') };
}

export function toJson({ metadata, data }: Payload): JsonPayload {
  const entries = Object.entries(metadata ?? {}).map(([key, value]) => [key, inBase64(value)] as const);
  return {
    metadata: Object.fromEntries(entries),
    ...(data != null && data.length > 0 && { data: inBase64(data) }),
  };
}

const inBase64 = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64');
