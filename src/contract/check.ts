import { DURATION_PATTERN, durationToMs } from './duration.js';
import { hasLoneSurrogate, LONE_SURROGATE, printable } from './texts.js';

/** A bad field: where it is and what is wrong. Never holds the value, which may be personal data. */
export interface Problem {
  /** A path such as `fallback.sms.text`; empty for the whole object. */
  readonly field: string;
  readonly problem: string;
}

/** The part of JSON Schema 2020-12 that our schemas use, with two keywords of this project: `must` and `durationMs`. */
export interface Schema {
  readonly type?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: unknown;
  readonly enum?: readonly unknown[];
  readonly pattern?: string;
  readonly minLength?: number;
  readonly maxLength?: number;
  /** The shortest and the longest duration that is allowed, in milliseconds. */
  readonly durationMs?: readonly number[];
  /** The problem of a wrong value, such as `must be a UUID`. */
  readonly must?: string;
  /** Keywords that only describe: title, description, format … */
  readonly [annotation: string]: unknown;
}

type Json = Readonly<Record<string, unknown>>;
export const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

export const join = (path: string, key: string) => (path === '' ? key : `${path}.${key}`);

/** Every problem of `value` under `schema`; empty if it is valid. */
export function problemsOf(schema: Schema, value: unknown, path = ''): Problem[] {
  const wrong = (problem: string): Problem[] => [{ field: path, problem }];
  if (schema.type === 'object')
    return isObject(value) ? objectProblems(schema, value, path) : wrong('must be an object');
  if (schema.type === 'boolean') return typeof value === 'boolean' ? [] : wrong('must be true or false');
  if (schema.durationMs !== undefined && isBareNumber(value)) return wrong(WITHOUT_UNIT);
  if (schema.durationMs !== undefined && !isDuration(value)) return wrong(NOT_IN_SECONDS);
  if (typeof value !== 'string') return wrong(schema.must ?? 'must be a string');
  if (schema.enum !== undefined && !schema.enum.includes(value))
    return wrong(`must be one of ${schema.enum.join(', ')}`);
  if (value.length < (schema.minLength ?? 0)) return wrong('must not be empty');
  if (value.length > (schema.maxLength ?? Infinity)) {
    return wrong(`must have at most ${String(schema.maxLength)} characters`);
  }
  if (hasLoneSurrogate(value)) return wrong(LONE_SURROGATE);
  return matches(schema, value) ? [] : wrong(schema.must ?? 'has the wrong form');
}

/** The problem of a duration that is a number: nobody can see whether its unit is the second or the millisecond. */
const WITHOUT_UNIT = 'must be a text with its unit, such as "600s" for 600 seconds';
const isBareNumber = (value: unknown): boolean =>
  typeof value === 'number' || (typeof value === 'string' && /^\d+(?:\.\d+)?$/.test(value));

/** That of every other form: `10m`, `PT10M`, `{"seconds": 600}`, `-1s`, `1e3s`. */
const NOT_IN_SECONDS = 'must be a text in seconds with the unit s, such as "600s" or "1.5s"';
const isDuration = (value: unknown): boolean => typeof value === 'string' && DURATION_PATTERN.test(value);

/**
 * The value without fields that are null, since many languages write an absent field so. What the schema does not describe
 * is passed on to RBM and stays as it is: there, null means absent too (protobuf's JSON mapping).
 */
export function withoutNulls(schema: Schema, value: unknown): unknown {
  if (schema.type !== 'object' || !isObject(value)) return value;
  const { properties = {}, additionalProperties } = schema;
  const isOurs = (key: string) => additionalProperties === false || Object.hasOwn(properties, key);
  const entries = Object.entries(value).filter(([key, field]) => field !== null || !isOurs(key));
  return Object.fromEntries(
    entries.map(([key, field]) => [
      key,
      Object.hasOwn(properties, key) ? withoutNulls(properties[key] ?? {}, field) : field,
    ]),
  );
}

function matches(schema: Schema, value: string): boolean {
  if (schema.pattern !== undefined && !new RegExp(schema.pattern, 'u').test(value)) return false;
  const [least, most] = schema.durationMs ?? [];
  if (least === undefined || most === undefined) return true;
  const ms = durationToMs(value);
  return ms >= least && ms <= most;
}

function objectProblems(schema: Schema, value: Json, path: string): Problem[] {
  const properties = schema.properties ?? {};
  const known = Object.entries(properties).flatMap(([key, property]) => {
    const given = Object.hasOwn(value, key) ? value[key] : undefined;
    if (given !== undefined) return problemsOf(property, given, join(path, key));
    return schema.required?.includes(key) === true ? [{ field: join(path, key), problem: 'is missing' }] : [];
  });
  if (schema.additionalProperties !== false) return known;
  const extra = Object.keys(value).filter((key) => !Object.hasOwn(properties, key));
  const named = extra
    .slice(0, MOST_NAMED)
    .map((key) => ({ field: join(path, printable(key)), problem: 'is not a known field' }));
  const left = extra.length - named.length;
  const rest = left > 0 ? [{ field: path, problem: `has ${String(left)} more unknown fields` }] : [];
  return [...known, ...named, ...rest];
}

/** At most this many unknown fields are named: a failure that is too large could not be stored. */
const MOST_NAMED = 20;

/** `recipient: must be …; ttl: must be …` */
export function describeProblems(problems: readonly Problem[]): string {
  return problems.map(({ field, problem }) => (field === '' ? problem : `${field}: ${problem}`)).join('; ');
}
