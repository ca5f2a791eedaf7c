import { loadClientConfigProfile, toClientOptions, type ClientConfigProfile } from '@temporalio/envconfig';
import { z } from 'zod';
import type { ConfigurationProblem } from './configuration-error.js';
import { API_KEY, hasUsableKeyFile, withKeyOfFile } from './api-key-file.js';
import { HEADER_TEXT, wrongHeaders } from './grpc-headers.js';
import { isAddress } from './grpc-address.js';
import { pemText } from './pem-text.js';
import { tlsProblems } from './tls-files.js';
import { flag, readableFile, text, variable, whatItMustBe } from './variable.js';

/** Temporal's address and how to connect to it. `options` fit both `Connection` and `NativeConnection`. */
export interface TemporalConnection {
  readonly address: string;
  readonly namespace: string;
  readonly options: ReturnType<typeof toClientOptions>['connectionOptions'];
  /** Present if `options` come from files, which may be replaced while the process runs. */
  readonly files?: ConnectionFiles;
}

/** The files with certificates, keys and the API key. */
export interface ConnectionFiles {
  readonly paths: readonly string[];
  /** Reads the options again. Throws if a file can't be read or is empty. */
  readonly read: () => TemporalConnection['options'];
}

const path = (what: string) =>
  variable(readableFile.optional(), { description: `The file of ${what} (PEM).`, must: 'must name a readable file' });
const data = (what: string) =>
  variable(text.optional(), {
    description: `${what} as PEM text, instead of a file; on one line, it may have \`\\n\` for line breaks, or be base64.`,
    must: 'must be PEM text',
  });

/** Temporal's own variables. Temporal's loader reads them; this schema finds the wrong ones and documents them. */
export const temporalVariables = z.object({
  TEMPORAL_ADDRESS: variable(z.string().refine(isAddress, { error: '' }).optional(), {
    description: "The address of Temporal's frontend, by default localhost:7233.",
    must: 'must be one host:port, without a scheme',
  }),
  TEMPORAL_NAMESPACE: variable(text.optional(), {
    description: 'The namespace, by default `default`.',
    must: 'must be the name of a namespace',
  }),
  TEMPORAL_API_KEY: variable(text.regex(API_KEY).optional(), {
    description: 'An API key of Temporal Cloud, which turns TLS on.',
    must: 'must be an API key: ASCII on one line',
    secret: 'given',
  }),
  TEMPORAL_API_KEY_FILE: variable(readableFile.optional(), {
    description: 'The file of that API key, which is read again when it changes; instead of TEMPORAL_API_KEY.',
    must: 'must name a readable file that holds an API key, and must not be set together with TEMPORAL_API_KEY',
  }),
  TEMPORAL_TLS: variable(flag.optional(), {
    description: 'Turns TLS on or off.',
    must: 'must be true or false',
  }),
  TEMPORAL_TLS_CLIENT_CERT_PATH: path("this client's certificate"),
  TEMPORAL_TLS_CLIENT_CERT_DATA: data("This client's certificate"),
  TEMPORAL_TLS_CLIENT_KEY_PATH: path("this client's private key"),
  TEMPORAL_TLS_CLIENT_KEY_DATA: data("This client's private key"),
  TEMPORAL_TLS_SERVER_CA_CERT_PATH: path("the server's CA certificate"),
  TEMPORAL_TLS_SERVER_CA_CERT_DATA: data("The server's CA certificate"),
  TEMPORAL_TLS_SERVER_NAME: variable(text.optional(), {
    description: "The host name that the server's certificate must have.",
    must: 'must be a host name',
  }),
  TEMPORAL_CONFIG_FILE: variable(readableFile.optional(), {
    description: 'The file with profiles, by default the one of the temporal CLI.',
    must: 'must name a readable TOML file with profiles, as the temporal CLI writes it',
  }),
  TEMPORAL_PROFILE: variable(text.optional(), {
    description: 'The profile in that file, by default `default`; variables take precedence over it.',
    must: 'must be the name of a profile in the configuration file',
  }),
});

export function readTemporalConnection(
  set: Record<string, string>,
): TemporalConnection | { readonly problems: readonly ConfigurationProblem[] } {
  const wrong = [...failed(namesOfWrong(set)).problems, ...wrongHeaders(set), ...givenTwice(set)];
  if (wrong.length > 0) return { problems: wrong };
  if (!hasUsableKeyFile(set)) return failed(['TEMPORAL_API_KEY_FILE']);
  const source = set['TEMPORAL_PROFILE'] === undefined ? 'TEMPORAL_CONFIG_FILE' : 'TEMPORAL_PROFILE';
  try {
    const profile = profileOf(set);
    const problem = halfAKeyPair(profile);
    if (problem !== undefined) return { problems: [problem] };
    const options = optionsOf(profile);
    const problems = tlsProblems(options.tls, (part) => nameOf(part, set) ?? source);
    if (problems.length > 0) return { problems };
    if (!isAddress(options.address))
      return failed([set['TEMPORAL_ADDRESS'] === undefined ? source : 'TEMPORAL_ADDRESS']);
    const headers = Object.values(options.metadata ?? {}).map(String);
    if (!headers.every((value) => HEADER_TEXT.test(value)) || !API_KEY.test(options.apiKey ?? '-'))
      return failed([source]);
    const paths = pathsOf(profile, set);
    return {
      address: options.address,
      namespace: profile.namespace ?? 'default',
      options,
      ...(paths.length > 0 && { files: { paths, read: () => optionsOf(profileOf(set)) } }),
    };
  } catch {
    // The loader's message may repeat a value. After the checks above only the file can be wrong.
    return failed([source]);
  }
}

/** To the loader every word but `true` and `1` means false, and PEM text has line breaks. */
function inLoadersForm(set: Record<string, string>): Record<string, string> {
  const tls = flag.safeParse(set['TEMPORAL_TLS']);
  const pem = Object.entries(set)
    .filter(([name]) => /^TEMPORAL_TLS_\w+_DATA$/.test(name))
    .map(([name, given]) => [name, pemText(given)] as const);
  return { ...set, ...(tls.success && { TEMPORAL_TLS: String(tls.data) }), ...Object.fromEntries(pem) };
}

/** The variable that a part of the TLS settings comes from. Undefined: from a profile. */
function nameOf(part: string, set: Record<string, string>): string | undefined {
  return [`TEMPORAL_TLS_${part}_DATA`, `TEMPORAL_TLS_${part}_PATH`].find((name) => set[name] !== undefined);
}

const givenTwice = (set: Record<string, string>): readonly ConfigurationProblem[] =>
  Object.keys(temporalVariables.shape)
    .filter((name) => name.endsWith('_DATA') && set[name] !== undefined && set[pathFor(name)] !== undefined)
    .map((variable) => ({ variable, problem: `must not be set together with ${pathFor(variable)}` }));

const pathFor = (name: string): string => name.replace(/_DATA$/, '_PATH');

function namesOfWrong(set: Record<string, string>): string[] {
  const read = temporalVariables.safeParse(set);
  return read.success ? [] : [...new Set(read.error.issues.map((issue) => String(issue.path[0])))];
}

function failed(names: readonly string[]): { readonly problems: readonly ConfigurationProblem[] } {
  return { problems: names.map((name) => ({ variable: name, problem: whatItMustBe(temporalVariables, name) })) };
}

/** The worker's client waits without end over a file that gRPC takes, such as one with a byte order mark. */
function plainTls({ tls }: TemporalConnection['options']): Pick<TemporalConnection['options'], 'tls'> {
  if (typeof tls !== 'object' || tls === null) return {};
  const plain = (pem: Uint8Array) =>
    Uint8Array.from(Buffer.from(pemText(Buffer.from(pem).toString('latin1')), 'latin1'));
  const { clientCertPair: pair, serverRootCACertificate: authority } = tls;
  return {
    tls: {
      ...tls,
      ...(pair && { clientCertPair: { ...pair, crt: plain(pair.crt), key: plain(pair.key) } }),
      ...(authority && { serverRootCACertificate: plain(authority) }),
    },
  };
}

const profileOf = (set: Record<string, string>): ClientConfigProfile =>
  loadClientConfigProfile({ overrideEnvVars: inLoadersForm(withKeyOfFile(set)) });

function optionsOf(profile: ClientConfigProfile): TemporalConnection['options'] & { address: string } {
  const { connectionOptions: options } = toClientOptions(profile);
  const { address = 'localhost:7233', apiKey } = options;
  return withoutUndefined({
    ...options,
    ...(apiKey !== undefined && { apiKey: apiKey.trim() }),
    ...plainTls(options),
    address,
  });
}

function pathsOf({ tls }: ClientConfigProfile, set: Record<string, string>): string[] {
  const sources = tls?.disabled === true ? [] : [tls?.clientCert, tls?.clientKey, tls?.serverCACert];
  const ofTls = sources.flatMap((source) => (source !== undefined && 'path' in source ? [source.path] : []));
  return [...ofTls, ...(set['TEMPORAL_API_KEY_FILE'] === undefined ? [] : [set['TEMPORAL_API_KEY_FILE']])];
}

/** The loader silently drops half a pair. The server would then refuse a client without a certificate. */
function halfAKeyPair({ tls }: ClientConfigProfile): ConfigurationProblem | undefined {
  if ((tls?.clientCert === undefined) === (tls?.clientKey === undefined)) return undefined;
  const missing = tls?.clientCert === undefined ? 'CERT' : 'KEY';
  return {
    variable: `TEMPORAL_TLS_CLIENT_${missing}_PATH`,
    problem: `is missing: a client certificate and its key go together`,
  };
}

/** Both kinds of connection treat an absent option and an undefined one differently. */
function withoutUndefined<T extends object>(options: T): T {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as T;
}
