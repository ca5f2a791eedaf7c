import type { Payload } from '@temporalio/common';
import { z } from 'zod';

/** Protobuf's JSON takes both alphabets, with and without padding. Node reads all of these. */
const base64 = z.string().regex(/^[A-Za-z0-9+/_-]*={0,2}$/);

/** Temporal's Payload message as JSON: bytes are base64. What else it holds is kept. */
const jsonPayload = z.looseObject({
  metadata: z.record(z.string(), base64).nullish(),
  data: base64.nullish(),
});
export type JsonPayload = z.output<typeof jsonPayload>;

/** Temporal's codec protocol: the body of a request, and of its answer. */
export const jsonPayloads = z.object({ payloads: z.array(jsonPayload) });

export function fromJson({ metadata, data }: JsonPayload): Payload {
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
