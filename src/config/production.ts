import type { z } from 'zod';
import { ALLOW_CLEARTEXT_HOSTS, allowsCleartext, cleartextProblem } from './cleartext.js';
import type { ConfigurationProblem } from './configuration-error.js';
import { shortnessOf, weaknessOf } from './secret-strength.js';
import type { TemporalConnection } from './temporal-connection.js';
import { text, textOf, variable } from './variable.js';

/** What every role reads for the rules of production. */
export const productionFields = {
  NODE_ENV: variable(text.optional(), {
    description:
      'Only `production` has an effect: secrets that are weak or published and http to other machines are refused, and `send` needs RECIPIENT_HASH_KEY.',
    must: 'must be a word such as production',
  }),
  ALLOW_CLEARTEXT_HOSTS,
};

type Set = Readonly<Record<string, string | undefined>>;

export const inProduction = (set: { readonly NODE_ENV?: string | undefined }): boolean =>
  /^prod(?:uction)?$/i.test(set.NODE_ENV ?? '');

/** Variables that production refuses: secrets that can be guessed, and addresses to which nothing is encrypted. */
export function productionProblems(schema: z.ZodObject, set: Set): readonly ConfigurationProblem[] {
  if (!inProduction(set)) return [];
  const allowed = allowedHosts(set);
  return Object.keys(schema.shape).flatMap((name) => {
    const { secret, isUrl } = textOf(schema, name) ?? {};
    const given = set[name];
    if (given === undefined) return [];
    const problem =
      (secret && weaknessOf(secret, given)) ?? (isUrl === true ? cleartextProblem(given, allowed) : undefined);
    return problem === undefined ? [] : [{ variable: name, problem }];
  });
}

/** An API key, or a header that may hold another credential, that would reach Temporal in cleartext. */
export function temporalProblems(temporal: TemporalConnection, set: Set): readonly ConfigurationProblem[] {
  if (!sendsCredentials(temporal, set)) return [];
  const problem =
    'must be true with NODE_ENV=production and an API key or TEMPORAL_GRPC_META_*, unless ALLOW_CLEARTEXT_HOSTS names the host of TEMPORAL_ADDRESS';
  return [{ variable: 'TEMPORAL_TLS', problem }];
}

/** The same for a command, which runs all the same. */
export function temporalWarnings(temporal: TemporalConnection, set: Set): readonly string[] {
  if (!sendsCredentials(temporal, set)) return [];
  return [
    `TEMPORAL_TLS is not true: the API key or the headers of TEMPORAL_GRPC_META_* go to ${temporal.address} in cleartext`,
  ];
}

function sendsCredentials(temporal: TemporalConnection, set: Set): boolean {
  const { apiKey, metadata = {}, tls } = temporal.options;
  const hasCredentials = apiKey !== undefined || Object.keys(metadata).length > 0;
  if (!inProduction(set) || !hasCredentials || Boolean(tls)) return false;
  return !allowsCleartext(hostOf(temporal.address), allowedHosts(set));
}

/** Sentences about secrets that production accepts all the same. */
export function productionWarnings(schema: z.ZodObject, set: Set): readonly string[] {
  if (!inProduction(set)) return [];
  return Object.keys(schema.shape).flatMap((name) => {
    const { secret } = textOf(schema, name) ?? {};
    const given = set[name];
    return secret === undefined || given === undefined ? [] : (shortnessOf(secret, name, given) ?? []);
  });
}

function allowedHosts(set: Set): readonly string[] | undefined {
  return ALLOW_CLEARTEXT_HOSTS.safeParse(set['ALLOW_CLEARTEXT_HOSTS']).data;
}

/** `temporal:7233` is `temporal`. */
export const hostOf = (address: string): string => address.replace(/:\d+$/, '');
