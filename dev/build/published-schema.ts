import type { Schema } from '../../src/contract/check.js';
import { DAY, durationToMs } from '../../src/contract/duration.js';
import { MAX_CONTENT_BYTES, MAX_TTL_MS } from '../../src/contract/rbm.js';
import { POLICY_DEFAULTS } from '../../src/contract/policy.js';
import { durationUpTo } from './duration-pattern.js';

/** This project's own keywords, and `format`, which only repeats a pattern: a strict validator refuses unknown keywords. */
const LEFT_OUT = ['must', 'durationMs', 'format'];

/** JSON Schema of any kind. */
type Published = Readonly<Record<string, unknown>>;

/** Null counts as absent. */
const has = (field: string): Published => ({ properties: { [field]: { type: 'string' } }, required: [field] });
const upTo = (ms: number): Published => ({ type: ['string', 'null'], pattern: durationUpTo(ms) });

/** The rules between fields in src/contract/input.ts that standard keywords can express, by path. */
const RULES: Readonly<Record<string, Published>> = {
  '': {
    description:
      `Beyond this schema, the workflow refuses an expireTime that is past or more than ${MAX_TTL_MS / DAY} days away, ` +
      `a revocation.grace longer than revocation.budget, a contentMessage of more than ${MAX_CONTENT_BYTES} bytes as ` +
      'JSON, a blank text, a lone surrogate or a control character in a text, and an honorOptOut that is false for ' +
      "PROMOTION or true for AUTHENTICATION. It counts a text's length in UTF-16 code units. It takes null for absent, " +
      'also in fields that it does not know.',
    oneOf: [has('ttl'), has('expireTime')],
  },
  '.contentMessage': { not: { type: 'object', additionalProperties: { type: 'null' } } },
  '.revocation': { anyOf: [has('budget'), { properties: { grace: upTo(durationToMs(POLICY_DEFAULTS.budget)) } }] },
};

/** Returns the schema for other languages: this project's own keywords become standard ones, and patterns plain. */
export function publishedSchema(own: Schema, path = ''): Published {
  const { description, must, pattern, properties, durationMs } = own;
  const standard = Object.entries(own).filter(([key]) => !LEFT_OUT.includes(key));
  return {
    ...Object.fromEntries(standard),
    ...inWords(description, must),
    ...(pattern !== undefined && { pattern: plain(pattern) }),
    ...(durationMs !== undefined && within(durationMs)),
    ...(properties !== undefined && {
      properties: Object.fromEntries(
        Object.entries(properties).map(([key, property]) => {
          const published = publishedSchema(property, `${path}.${key}`);
          return [key, own.required?.includes(key) === true ? published : orNull(published)];
        }),
      ),
    }),
    ...RULES[path],
  };
}

/** Many languages write an absent field as null. */
function orNull(schema: Published): Published {
  const { type, enum: values } = schema;
  return { ...schema, type: [type, 'null'], ...(Array.isArray(values) && { enum: [...(values as unknown[]), null] }) };
}

function inWords(description: unknown, must = ''): Published {
  const sentences = [description, must.replace(/^must (.*)$/, 'Must $1.')].filter(Boolean);
  return sentences.length === 0 ? {} : { description: sentences.join(' ') };
}

function within([least = 0, most = 0]: readonly number[]): Published {
  return {
    pattern: durationUpTo(most),
    ...(least > 0 && { not: { type: 'string', pattern: durationUpTo(least - 1) } }),
  };
}

/** ECMAScript's white space, character by character. */
const SPACES = '\t\n\v\f\r \u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000\ufeff';

/** Makes a pattern mean the same everywhere: `\d` and `\s` match more in Python and .NET, and `\s` less in RE2. */
function plain(pattern: string): string {
  return pattern
    .replaceAll('(?:', '(')
    .replaceAll('\\d', '[0-9]')
    .replaceAll('[^\\s', `[^${SPACES}`)
    .replaceAll('\\/', '/');
}
