import { isDeepStrictEqual } from 'node:util';
import { isObject, join, type Schema } from '../contract/check.js';
import { durationToMs } from '../contract/duration.js';
import { inputSchema } from '../contract/generated/input-schema.js';
import { bareAgentId } from '../contract/ids.js';
import { printable } from '../contract/texts.js';

/**
 * The fields in which two inputs of one message differ, as paths such as `fallback.sms.text`; never their values. Every
 * field that the inputs name counts, defaults don't. Equal are: fields in another order, null and absent, ids in their
 * normal form, durations of the same length (`"60s"`, `"60.0s"`) and times of the same instant.
 */
export function differingFields(one: unknown, other: unknown): string[] {
  return [...new Set(differences(inputSchema, normal(one), normal(other), ''))];
}

function differences(schema: Schema, one: unknown, other: unknown, path: string): string[] {
  if (schema.type !== 'object' || !isObject(one) || !isObject(other)) return same(schema, one, other) ? [] : [path];
  const keys = new Set([...Object.keys(one), ...Object.keys(other)]);
  return [...keys].flatMap((key) => {
    const described = Object.hasOwn(schema.properties ?? {}, key) ? schema.properties?.[key] : undefined;
    if (described !== undefined) return differences(described, one[key], other[key], join(path, key));
    // What is passed on to RBM has names that only RBM knows, so its nearest field that we know is named.
    const field = schema.additionalProperties === false ? join(path, printable(key)) : path;
    return isDeepStrictEqual(one[key], other[key]) ? [] : [field];
  });
}

function same(schema: Schema, one: unknown, other: unknown): boolean {
  if (isDeepStrictEqual(one, other)) return true;
  if (typeof one !== 'string' || typeof other !== 'string') return false;
  if (schema['format'] === 'date-time') return Date.parse(one) === Date.parse(other);
  return schema.durationMs !== undefined && lengthOf(one) === lengthOf(other);
}

/** Milliseconds; NaN, which equals nothing, if it is no duration. */
function lengthOf(duration: string): number {
  try {
    return durationToMs(duration);
  } catch {
    return Number.NaN;
  }
}

/** The input as JSON holds it, without nulls, its ids in their normal form. */
function normal(input: unknown): unknown {
  const value: unknown = JSON.parse(JSON.stringify(input), (_key, field: unknown) =>
    isObject(field) ? Object.fromEntries(Object.entries(field).filter(([, inner]) => inner !== null)) : field,
  );
  if (!isObject(value)) return value;
  const { agentId, messageId } = value;
  return {
    ...value,
    ...(typeof agentId === 'string' && { agentId: bareAgentId(agentId) }),
    ...(typeof messageId === 'string' && { messageId: messageId.toLowerCase() }),
  };
}
