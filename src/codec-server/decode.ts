import type { PayloadCodec } from '@temporalio/common';
import { isEncrypted, keyIdOf } from '../encryption/payload-codec.js';
import { PayloadDecryptionError } from '../encryption/payload-decryption-error.js';
import type { Logger } from '../observability/logger.js';
import { CodecServerError } from './codec-server-error.js';
import { fromJson, jsonPayloads, toJson, type JsonPayload } from './json-payload.js';

export interface DecodeRequest {
  readonly body: unknown;
  readonly caller: string;
  /** What the sender says: nothing checks it. Empty: it says nothing. */
  readonly namespace: string;
}

/** Decodes, and says so in the log: who, for which namespace, how many payloads, under which keys. Never what. */
export async function decode(
  { body, caller, namespace }: DecodeRequest,
  {
    codec,
    log,
    most,
  }: { readonly codec: PayloadCodec; readonly log: Pick<Logger, 'info' | 'warn'>; readonly most: number },
): Promise<{ readonly payloads: readonly JsonPayload[] }> {
  const parsed = isDeep(body) ? undefined : jsonPayloads.safeParse(body);
  if (parsed?.success !== true) throw new CodecServerError('MALFORMED');
  const given = parsed.data.payloads;
  if (given.length > most) throw new CodecServerError('BODY_TOO_LARGE');
  const payloads = given.map(fromJson);
  const encrypted = payloads.filter(isEncrypted);
  const keyIds = [...new Set(encrypted.map((payload) => keyIdOf(payload) ?? '(none)'))];
  const audit = { caller, namespace: shown(namespace), payloads: given.length, encrypted: encrypted.length, keyIds };
  try {
    const decoded = await codec.decode(payloads);
    log.info(audit, 'decoded');
    // What was not encrypted goes back exactly as it came.
    return { payloads: given.map((json, at) => (isEncrypted(payloads[at] ?? {}) ? toJson(decoded[at] ?? {}) : json)) };
  } catch (error) {
    if (error instanceof PayloadDecryptionError) log.warn({ ...audit, code: error.code }, 'not decoded');
    throw error;
  }
}

/** Far deeper than a payload's fields. What is echoed must not exhaust the stack. */
const DEEPEST = 16;

function isDeep(body: unknown): boolean {
  let level: unknown[] = [body];
  for (let depth = 0; level.length > 0; depth += 1) {
    if (depth > DEEPEST) return true;
    level = level.flatMap((value) =>
      typeof value === 'object' && value !== null ? Object.values(value as Record<string, unknown>) : [],
    );
  }
  return false;
}

const NAMESPACE = /^[\w.-]{1,255}$/;

/** A header may hold anything. */
const shown = (namespace: string) =>
  NAMESPACE.test(namespace) ? namespace : namespace === '' ? '(none)' : '(not a namespace)';
