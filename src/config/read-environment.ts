import type { z } from 'zod';
import { ConfigurationError, type ConfigurationProblem } from './configuration-error.js';
import { readTemporalConnection, type TemporalConnection } from './temporal-connection.js';
import { whatItMustBe } from './variable.js';

export type Environment = Readonly<Record<string, string | undefined>>;

/** One role's variables as its schema reads them, and the connection to Temporal, which most roles need. */
export interface Configuration<Schema extends z.ZodObject> {
  readonly variables: z.output<Schema>;
  readonly temporal: TemporalConnection;
}

/**
 * Reads a role's configuration. An empty variable counts as unset, since that is what `docker compose` makes of an
 * unset one. Throws a {@link ConfigurationError} with every problem at once.
 */
export function readEnvironment<Schema extends z.ZodObject>(
  schema: Schema,
  environment: Environment = process.env,
): Configuration<Schema> {
  const set = setVariables(environment);
  const variables = schema.safeParse(set);
  const temporal = readTemporalConnection(set);
  const problems = [
    ...(variables.success ? [] : problemsOf(schema, set, variables.error.issues)),
    ...('problems' in temporal ? temporal.problems : []),
  ];
  if (!variables.success || 'problems' in temporal) throw new ConfigurationError(problems);
  return { variables: variables.data, temporal };
}

/** The same of a role that has nothing to do with Temporal. */
export function readVariables<Schema extends z.ZodObject>(
  schema: Schema,
  environment: Environment = process.env,
): z.output<Schema> {
  const set = setVariables(environment);
  const variables = schema.safeParse(set);
  if (!variables.success) throw new ConfigurationError(problemsOf(schema, set, variables.error.issues));
  return variables.data;
}

/** An empty TEMPORAL_GRPC_META_* has a meaning of its own to Temporal's loader: it takes a header away. */
function setVariables(environment: Environment): Record<string, string> {
  const set: Record<string, string> = {};
  for (const [name, value] of Object.entries(environment)) {
    if (value !== undefined && (value.trim() !== '' || name.startsWith('TEMPORAL_GRPC_META_'))) set[name] = value;
  }
  return set;
}

function problemsOf(
  schema: z.ZodObject,
  set: Environment,
  issues: readonly z.core.$ZodIssue[],
): readonly ConfigurationProblem[] {
  return Object.keys(schema.shape).flatMap((variable) => {
    const issue = issues.find(({ path }) => path[0] === variable);
    if (issue === undefined) return [];
    // A rule between variables brings its own words; a field has its own, since zod's might repeat the value.
    if (issue.code === 'custom' && issue.message !== '') return [{ variable, problem: issue.message }];
    const missing = set[variable] === undefined ? 'is missing: it ' : '';
    return [{ variable, problem: `${missing}${whatItMustBe(schema, variable)}` }];
  });
}
