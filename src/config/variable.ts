import { accessSync, constants } from 'node:fs';
import { z } from 'zod';

/** What the docs say of a variable, and what an operator reads who got it wrong: `must be …`, never the value. */
export interface Words {
  readonly description: string;
  readonly must: string;
}

/** Ties a variable's words to its schema. Must come last: zod keeps them per schema object. */
export function variable<Schema extends z.ZodType>(schema: Schema, words: Words): Schema {
  return schema.meta({ ...words });
}

/** The `must` of a variable of this schema. */
export function whatItMustBe(schema: z.ZodObject, name: string): string {
  const must = (schema.shape[name] as z.ZodType | undefined)?.meta()?.['must'];
  return typeof must === 'string' ? must : 'is wrong';
}

/** A rule between variables, checked even where another variable is wrong, so that all problems show at once. */
export function rule<Set>(holds: (set: Partial<Set>) => boolean, name: keyof Set & string, message: string) {
  return z.refine<Set>((set) => holds(set), { path: [name], error: message, when: () => true });
}

export const text = z.string().trim().min(1);

export const port = z
  .string()
  .regex(/^\d{1,5}$/)
  .transform(Number)
  .refine((number) => number <= 65_535, { error: '' });

/** An absolute http or https URL without credentials. */
export const url = z.string().trim().refine(isHttpUrl, { error: '' });

/** One to which paths are added: also without a query. */
export const baseUrl = url.refine((given) => !/[?#]/.test(given), { error: '' });

function isHttpUrl(given: string): boolean {
  if (!URL.canParse(given)) return false;
  const { protocol, username, password } = new URL(given);
  return /^https?:$/.test(protocol) && username === '' && password === '';
}

export const readableFile = z.string().refine(isReadable, { error: '' });

function isReadable(path: string): boolean {
  try {
    accessSync(path, constants.R_OK);
    return true;
  } catch {
    return false;
  }
}

/** A comma-separated list of at least one; spaces around the commas don't matter. */
export function list(pattern: RegExp) {
  return z
    .string()
    .transform((given) => given.split(',').map((entry) => entry.trim()))
    .refine((entries) => entries.every((entry) => pattern.test(entry)), { error: '' });
}
