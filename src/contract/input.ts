import { isObject, problemsOf, withoutNulls, type Problem } from './check.js';
import { durationToMs } from './duration.js';
import { inputSchema } from './generated/input-schema.js';
import type { MessageDeliveryInput } from './generated/input-type.js';
import { bareAgentId } from './ids.js';
import { POLICY_DEFAULTS, trafficPolicy } from './policy.js';
import { MAX_CONTENT_BYTES, MAX_TTL_MS, MESSAGE_TRAFFIC_TYPES } from './rbm.js';
import {
  BLANK,
  CONTROL_CHARACTER,
  hasControlCharacter,
  hasLoneSurrogate,
  isBlank,
  LONE_SURROGATE,
  printable,
  textsIn,
} from './texts.js';

export type { MessageDeliveryInput } from './generated/input-type.js';

export type CheckedInput =
  | { readonly ok: true; readonly input: MessageDeliveryInput }
  | { readonly ok: false; readonly problems: readonly Problem[] };

export interface CheckOptions {
  /** Takes blank texts and control characters too, as versions did that started deliveries with them. */
  readonly takesUnusableTexts?: boolean;
}

/**
 * Validates an input as of `now` (epoch milliseconds) and normalises it: agentId without `@rbm.goog`, messageId in
 * lower case, no null. Lists every problem at once and repeats no value.
 */
export function checkInput(given: unknown, now: number, options: CheckOptions = {}): CheckedInput {
  const value = withoutNulls(inputSchema, withPlainContent(given));
  const problems = problemsOf(inputSchema, value);
  // A field is named once: not also for a field in it.
  const isNamed = (field: string) => problems.some((one) => one.field === field || one.field.startsWith(`${field}.`));
  const broken = isObject(value)
    ? [...rulesBroken(value, now), ...textsBroken(value, options)].filter(({ field }) => !isNamed(field))
    : [];
  if (problems.length + broken.length > 0) return { ok: false, problems: [...problems, ...broken] };
  const input = value as MessageDeliveryInput;
  const normal = { agentId: bareAgentId(input.agentId), messageId: input.messageId.toLowerCase() };
  return { ok: true, input: { ...input, ...normal } };
}

/** With the content as JSON writes it: without what is undefined or a function, and with what a `toJSON` returns. */
function withPlainContent(given: unknown): unknown {
  if (!isObject(given) || !isObject(given['contentMessage'])) return given;
  try {
    const json = JSON.stringify(given['contentMessage']) as string | undefined;
    const contentMessage: unknown = json === undefined ? undefined : JSON.parse(json);
    return { ...given, contentMessage };
  } catch {
    // It is nested too deeply or in a circle. The check of its length says so.
    return given;
  }
}

/** The input without the top-level fields that this version does not know, and their names as far as they are printable. */
export function splitUnknown(given: unknown): { readonly known: unknown; readonly unknown: readonly string[] } {
  if (!isObject(given)) return { known: given, unknown: [] };
  const isKnown = ([key]: [string, unknown]) => Object.hasOwn(inputSchema.properties ?? {}, key);
  const unknown = Object.keys(given).filter((key) => !isKnown([key, undefined]));
  return { known: Object.fromEntries(Object.entries(given).filter(isKnown)), unknown: unknown.map(printable) };
}

/**
 * The broken rules that a schema can't express: between fields, and with the clock. `value` may break the schema too.
 */
function rulesBroken(value: Readonly<Record<string, unknown>>, now: number): Problem[] {
  const { ttl, expireTime, contentMessage, revocation, honorOptOut, messageTrafficType } = value;
  const problems: Problem[] = [];
  if (ttl === undefined && expireTime === undefined) {
    problems.push({ field: 'ttl', problem: 'is missing: ttl or expireTime must be given' });
  }
  if (ttl !== undefined && expireTime !== undefined) {
    problems.push({ field: 'ttl', problem: 'must not be given beside expireTime' });
  }
  if (typeof expireTime === 'string') {
    const left = Date.parse(expireTime) - now;
    if (left <= 0) problems.push({ field: 'expireTime', problem: 'must be in the future' });
    if (left > MAX_TTL_MS) problems.push({ field: 'expireTime', problem: 'must be within 15 days' });
  }
  if (isObject(contentMessage)) {
    if (Object.values(contentMessage).every((field) => field === null))
      problems.push({ field: 'contentMessage', problem: 'must not be empty' });
    if (jsonLength(contentMessage) > MAX_CONTENT_BYTES) {
      problems.push({ field: 'contentMessage', problem: `must not be longer than ${String(MAX_CONTENT_BYTES)} bytes` });
    }
  }
  const { optOut } = trafficPolicy(MESSAGE_TRAFFIC_TYPES.find((type) => type === messageTrafficType));
  if (honorOptOut === false && optOut === 'always')
    problems.push({ field: 'honorOptOut', problem: 'must not be false for PROMOTION' });
  if (honorOptOut === true && optOut === 'never')
    problems.push({ field: 'honorOptOut', problem: 'must not be true for AUTHENTICATION' });
  // A default grace that is longer than the budget is cut (planFor). One that the caller asked for is an error.
  if (isObject(revocation) && longer(revocation['grace'] ?? '0s', revocation['budget'] ?? POLICY_DEFAULTS.budget)) {
    problems.push({ field: 'revocation.grace', problem: 'must not be longer than revocation.budget' });
  }
  return problems;
}

/** Also false if either is not a duration: the schema reports that. */
function longer(one: unknown, other: unknown): boolean {
  try {
    return durationToMs(String(one)) > durationToMs(String(other));
  } catch {
    return false;
  }
}

/** At most this many texts are named: a failure that is too large could not be stored. */
const MOST_TEXTS = 20;

/** The texts that a person or a strict gateway can't read, at every depth. */
function textsBroken(
  value: Readonly<Record<string, unknown>>,
  { takesUnusableTexts = false }: CheckOptions,
): Problem[] {
  const texts = WITH_TEXTS.flatMap((field) => textsIn(value[field], field) ?? []);
  const problems = texts.flatMap(({ field, text }) => {
    if (hasLoneSurrogate(text)) return [{ field, problem: LONE_SURROGATE }];
    if (takesUnusableTexts) return [];
    if (hasControlCharacter(text)) return [{ field, problem: CONTROL_CHARACTER }];
    return SEEN.includes(field) && isBlank(text) ? [{ field, problem: BLANK }] : [];
  });
  return problems.slice(0, MOST_TEXTS);
}

/** The fields whose texts have no pattern of their own. */
const WITH_TEXTS = ['contentMessage', 'fallback', 'notify'];
/** What a person reads. Others, such as postbackData, may be blank. */
const SEEN = ['contentMessage.text', 'fallback.sms.text'];

/** Bytes as JSON; Infinity if the value is nested too deeply for that, or for a look at its texts. */
function jsonLength(value: unknown): number {
  if (textsIn(value, '') === undefined) return Infinity;
  try {
    return utf8Length(JSON.stringify(value));
  } catch {
    return Infinity;
  }
}

/** Bytes of `text` in UTF-8. Counted by hand: a workflow has no TextEncoder. */
function utf8Length(text: string): number {
  let bytes = 0;
  for (const character of text) {
    const code = character.codePointAt(0) ?? 0;
    bytes += code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
  }
  return bytes;
}
