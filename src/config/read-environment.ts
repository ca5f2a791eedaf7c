import type { z } from 'zod';
import { bareValue } from '../contract/bare-value.js';
import { proxyVariables, type ProxyVariables } from '../http/proxies.js';
import { ConfigurationError, type ConfigurationProblem } from './configuration-error.js';
import { ignoredPortWarnings, isSetByKubernetes } from './kubernetes-ports.js';
import { productionProblems, productionWarnings, temporalProblems, temporalWarnings } from './production.js';
import { readTemporalConnection, temporalVariables, type TemporalConnection } from './temporal-connection.js';
import { warningOf, whatItMustBe } from './variable.js';

export type Environment = Readonly<Record<string, string | undefined>>;

/** What a role's variables say, as its schema reads them. */
export interface ReadVariables<Schema extends z.ZodObject> {
  readonly variables: z.output<Schema>;
  /** What an operator should know of values that are accepted: one sentence each, without a secret. */
  readonly warnings: readonly string[];
}

/** Also the connection to Temporal, and the proxies of every connection. */
export interface Configuration<Schema extends z.ZodObject> extends ReadVariables<Schema> {
  readonly temporal: TemporalConnection;
  /** Undefined: there are none. */
  readonly proxies?: ProxyVariables;
}

export interface ReadOptions {
  /** false: for a command that starts nothing, such as one that looks something up in an emergency. Default true. */
  readonly isStrict?: boolean;
}

/**
 * Reads the configuration of a role that uses Temporal. Spaces, line breaks and quotes around a value do not count. An empty
 * variable counts as unset, since `docker compose` passes an unset one as empty, and so does a port that Kubernetes
 * set. With NODE_ENV=production the rules of production.ts hold too. Throws a {@link ConfigurationError}.
 */
export function readEnvironment<Schema extends z.ZodObject>(
  schema: Schema,
  environment: Environment = process.env,
  { isStrict = true }: ReadOptions = {},
): Configuration<Schema> {
  const set = setVariables(environment);
  const variables = schema.safeParse(set);
  const temporal = readTemporalConnection(set);
  const inProduction = !isStrict
    ? []
    : [
        ...productionProblems(schema, set),
        ...productionProblems(temporalVariables, set),
        ...('problems' in temporal ? [] : temporalProblems(temporal, set)),
      ];
  const problems = [
    ...(variables.success ? [] : problemsOf(schema, set, variables.error.issues)),
    ...inProduction,
    ...('problems' in temporal ? temporal.problems : []),
  ];
  if (!variables.success || 'problems' in temporal || problems.length > 0)
    throw new ConfigurationError(firstOfEach(problems));
  const proxies = proxyVariables(environment);
  return {
    variables: variables.data,
    temporal,
    ...(proxies !== undefined && { proxies }),
    warnings: [...warningsOf(schema, set, environment), ...temporalWarnings(temporal, set)],
  };
}

/** Reads the configuration of a role that does not use Temporal. Throws a {@link ConfigurationError}. */
export function readVariables<Schema extends z.ZodObject>(
  schema: Schema,
  environment: Environment = process.env,
): ReadVariables<Schema> {
  const set = setVariables(environment);
  const variables = schema.safeParse(set);
  const problems = [
    ...(variables.success ? [] : problemsOf(schema, set, variables.error.issues)),
    ...productionProblems(schema, set),
  ];
  if (!variables.success || problems.length > 0) throw new ConfigurationError(firstOfEach(problems));
  return { variables: variables.data, warnings: warningsOf(schema, set, environment) };
}

/** An empty TEMPORAL_GRPC_META_* is kept: to Temporal's loader it means that the header is removed. */
function setVariables(environment: Environment): Record<string, string> {
  const set: Record<string, string> = {};
  for (const [name, given] of Object.entries(environment)) {
    const value = given === undefined ? undefined : bareValue(given);
    if (value === undefined || isSetByKubernetes(name, value)) continue;
    if (value !== '' || name.startsWith('TEMPORAL_GRPC_META_')) set[name] = value;
  }
  return set;
}

function warningsOf(schema: z.ZodObject, set: Environment, environment: Environment): readonly string[] {
  const names = Object.keys(schema.shape);
  const ofValues = names.flatMap((name) => warningOf(schema, name, set[name]) ?? []);
  return [...ignoredPortWarnings(names, environment), ...ofValues, ...productionWarnings(schema, set)];
}

/** One problem for each variable is enough. */
function firstOfEach(problems: readonly ConfigurationProblem[]): readonly ConfigurationProblem[] {
  return problems.filter(({ variable }, index) => problems.findIndex((other) => other.variable === variable) === index);
}

function problemsOf(
  schema: z.ZodObject,
  set: Environment,
  issues: readonly z.core.$ZodIssue[],
): readonly ConfigurationProblem[] {
  return Object.keys(schema.shape).flatMap((variable) => {
    const issue = issues.find(({ path }) => path[0] === variable);
    if (issue === undefined) return [];
    // A rule between variables has its own message. For a single variable zod's message might repeat the value.
    if (issue.code === 'custom' && issue.message !== '') return [{ variable, problem: issue.message }];
    const missing = set[variable] === undefined ? 'is missing: it ' : '';
    return [{ variable, problem: `${missing}${whatItMustBe(schema, variable)}` }];
  });
}
