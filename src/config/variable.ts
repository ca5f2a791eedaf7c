import { accessSync, constants, statSync } from 'node:fs';
import { z } from 'zod';

/**
 * What a variable guards a role with. `token`: a text that the operator makes. `clientToken`: RBM's, which Google may have
 * given. `smsToken`: an SMS gateway's. `given`: another company's, in a form of its own. `webhookSecret`: of Standard
 * Webhooks. `hashKey`, `encryptionKey`: RECIPIENT_HASH_KEY and PAYLOAD_ENCRYPTION_KEYS.
 */
export type SecretKind = 'token' | 'clientToken' | 'smsToken' | 'given' | 'webhookSecret' | 'hashKey' | 'encryptionKey';

/** What is known of a variable besides its form. */
export interface VariableText {
  /** For the docs. */
  readonly description: string;
  /** The `must be …` of the error for a wrong value. The error never shows the value. */
  readonly must: string;
  /** One secret of this kind, or several separated by commas. In production it must be hard to guess. */
  readonly secret?: SecretKind;
  /** true: URLs, or hosts and URLs, that something is sent to or that others use. In production they must be https. */
  readonly isUrl?: true;
  /** What a role logs at its start about this value, which is accepted. Undefined: nothing. */
  readonly warning?: (given: string) => string | undefined;
}

/** Attaches the text to a variable's schema. Call it last, since zod keeps metadata per schema object. */
export function variable<Schema extends z.ZodType>(schema: Schema, text: VariableText): Schema {
  return schema.meta({ ...text });
}

/** The text that {@link variable} attached. */
export const textOf = (schema: z.ZodObject, name: string): Partial<VariableText> | undefined =>
  (schema.shape[name] as z.ZodType | undefined)?.meta() as Partial<VariableText> | undefined;

/** The `must` text of a variable of this schema. */
export function whatItMustBe(schema: z.ZodObject, name: string): string {
  return textOf(schema, name)?.must ?? 'is wrong';
}

/** What is logged about the value of a variable of this schema. */
export function warningOf(schema: z.ZodObject, name: string, given: string | undefined): string | undefined {
  return given === undefined ? undefined : textOf(schema, name)?.warning?.(given);
}

/**
 * A rule between variables. It is checked even if another variable is wrong, so that every problem is reported at once.
 */
export function rule<Set>(holds: (set: Partial<Set>) => boolean, name: keyof Set & string, message: string) {
  return z.refine<Set>((set) => holds(set), { path: [name], error: message, when: () => true });
}

export const text = z.string().trim().min(1);

export const port = z
  .string()
  .regex(/^\d{1,5}$/)
  .transform(Number)
  .refine((number) => number <= 65_535, { error: '' });

/** The address that a server listens on. Brackets around an IPv6 address are forgiven. */
export const host = z
  .string()
  .transform((given) => given.replace(/^\[(.*)\]$/, '$1'))
  .pipe(z.union([z.ipv6(), z.string().regex(/^[a-z0-9][a-z0-9._-]*$/i)]));
export const HOST_MUST = 'must be an address or a host name, without a port';

/** A whole number within these bounds. */
export const count = (least: number, most: number) =>
  z
    .string()
    .trim()
    .regex(/^\d{1,9}$/)
    .transform(Number)
    .refine((number) => number >= least && number <= most, { error: '' });

/** On or off, in any of the usual words. */
export const flag = z.stringbool({ truthy: ['true', '1', 'yes', 'on'], falsy: ['false', '0', 'no', 'off'] });

/** One of these words, which are in lower case, written in any case. */
export const oneOf = <const Words extends readonly [string, ...string[]]>(words: Words) =>
  z
    .string()
    .transform((given) => given.toLowerCase())
    .pipe(z.enum(words));

/** An absolute http or https URL without credentials. */
export const url = z.string().trim().refine(isHttpUrl, { error: '' });

/** A URL that paths are appended to, so it also has no query. */
export const baseUrl = url.refine((given) => !/[?#]/.test(given), { error: '' });

function isHttpUrl(given: string): boolean {
  if (!URL.canParse(given)) return false;
  const { protocol, username, password } = new URL(given);
  return /^https?:$/.test(protocol) && username === '' && password === '';
}

export const readableFile = z.string().refine(isReadable, { error: '' });

/** Docker makes a directory for a file that is to be mounted and does not exist. */
function isReadable(path: string): boolean {
  try {
    accessSync(path, constants.R_OK);
    return !statSync(path).isDirectory();
  } catch {
    return false;
  }
}

/** A comma-separated list of at least one entry. Spaces around the commas, and a comma too many, do no harm. */
export function list(pattern: RegExp) {
  return z
    .string()
    .transform((given) => entriesOf(given))
    .refine((entries) => entries.length > 0 && entries.every((entry) => pattern.test(entry)), { error: '' });
}

/** The entries of a list, without the empty ones. */
export const entriesOf = (given: string, separator: string | RegExp = ','): string[] =>
  given
    .split(separator)
    .map((entry) => entry.trim())
    .filter((entry) => entry !== '');

/** A secret of Standard Webhooks. */
export const webhookSecret = /^whsec_(?:[A-Za-z0-9+/]{4})+(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

/** Secrets of Standard Webhooks: the current one first, then those being rotated out. */
export const webhookSecrets = list(webhookSecret);
