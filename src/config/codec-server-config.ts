import { z } from 'zod';
import type { EncryptionKey } from '../encryption/encryption-keys.js';
import { MINUTE, SECOND } from '../contract/duration.js';
import { duration } from './duration-variable.js';
import { LOG_LEVEL, type LogLevel } from './log-level.js';
import { isLoopback } from './loopback.js';
import { productionFields } from './production.js';
import { readVariables, type Environment } from './read-environment.js';
import { REQUIRED_PAYLOAD_ENCRYPTION_KEYS } from './shared-variables.js';
import { entriesOf, flag, host, HOST_MUST, list, port, rule, url, variable } from './variable.js';

const fields = z.object({
  PAYLOAD_ENCRYPTION_KEYS: REQUIRED_PAYLOAD_ENCRYPTION_KEYS,
  CODEC_SERVER_TOKENS: variable(
    list(/^(?:[A-Za-z][\w.-]{0,31}=)?[\x21-\x7e]{16,}$/)
      .transform((entries) => entries.map(callerOf))
      .optional(),
    {
      description:
        'The bearer tokens of the callers that may decode, each perhaps with a name for the log: `support=…`.',
      must: 'must be one or more tokens of at least 16 characters, each perhaps as name=token, separated by commas',
      secret: 'token',
    },
  ),
  CODEC_SERVER_ALLOW_ANONYMOUS: variable(flag.prefault('false'), {
    description: 'Decodes for every caller on this machine without a token, for a Web UI without a login.',
    must: 'must be true or false',
  }),
  CODEC_SERVER_UI_ORIGIN: variable(
    z
      .string()
      .transform((given) => entriesOf(given, /[,\s]/))
      .pipe(z.array(url.transform((given) => new URL(given)).refine(isOrigin, { error: '' })).min(1))
      .optional(),
    {
      description:
        "The Web UI's origin, such as https://temporal.example.com, whose pages may decode, or several separated by commas; if unset, no page may.",
      must: 'must be one or more origins, separated by commas: http or https, a host without * and perhaps a port',
    },
  ),
  CODEC_SERVER_HOST: variable(host.default('127.0.0.1'), {
    description: 'The address that the codec server listens on; `::` means every one, also of IPv4.',
    must: HOST_MUST,
  }),
  CODEC_SERVER_PORT: variable(port.default(8088), {
    description: 'The port that the codec server listens on; 0 means any free port.',
    must: 'must be a port number',
  }),
  CODEC_SERVER_SHUTDOWN_DELAY: variable(duration(0, 10 * MINUTE).optional(), {
    description:
      'How long the codec server still takes new connections after SIGTERM, while `/readyz` answers 503, by default 5s, and 0s if it listens on this machine only.',
    must: 'must be seconds with the unit s, such as 5s, from 0s to 600s',
  }),
  LOG_LEVEL,
  ...productionFields,
});
type Variables = z.output<typeof fields>;

export const codecServerVariables = fields.check(
  rule<Variables>(
    (set) => set.CODEC_SERVER_TOKENS !== undefined || set.CODEC_SERVER_ALLOW_ANONYMOUS === true,
    'CODEC_SERVER_TOKENS',
    'is missing: without it nobody may decode, unless CODEC_SERVER_ALLOW_ANONYMOUS=true',
  ),
  rule<Variables>(
    (set) => set.CODEC_SERVER_TOKENS === undefined || set.CODEC_SERVER_ALLOW_ANONYMOUS !== true,
    'CODEC_SERVER_ALLOW_ANONYMOUS',
    'must not be true together with CODEC_SERVER_TOKENS',
  ),
  rule<Variables>(
    (set) => set.CODEC_SERVER_ALLOW_ANONYMOUS !== true || isLoopback(set.CODEC_SERVER_HOST ?? ''),
    'CODEC_SERVER_HOST',
    'must be a loopback address such as 127.0.0.1 with CODEC_SERVER_ALLOW_ANONYMOUS=true',
  ),
);

export interface CodecServerConfig {
  readonly encryptionKeys: readonly EncryptionKey[];
  readonly host: string;
  readonly port: number;
  /** Undefined: every caller may decode, and the host is a loopback address. */
  readonly callers?: readonly { readonly name: string; readonly token: string }[];
  /** In the form in which browsers send them. */
  readonly uiOrigins: readonly string[];
  /** How long new connections are still taken once the process shuts down, in milliseconds. */
  readonly shutdownDelayMs: number;
  readonly logLevel: LogLevel;
  /** What the role logs at its start: sentences without a secret. */
  readonly warnings: readonly string[];
}

/** The codec server's configuration. Throws a ConfigurationError. */
export function readCodecServerConfig(environment?: Environment): CodecServerConfig {
  const { variables, warnings } = readVariables(codecServerVariables, environment);
  const { CODEC_SERVER_TOKENS: callers, CODEC_SERVER_UI_ORIGIN: origins = [] } = variables;
  // Who waits for Ctrl-C at their own machine has no balancer.
  const delay = isLoopback(variables.CODEC_SERVER_HOST) ? 0 : 5 * SECOND;
  return {
    encryptionKeys: variables.PAYLOAD_ENCRYPTION_KEYS,
    host: variables.CODEC_SERVER_HOST,
    port: variables.CODEC_SERVER_PORT,
    ...(callers !== undefined && { callers }),
    uiOrigins: [...new Set(origins.map(({ origin }) => origin))],
    shutdownDelayMs: variables.CODEC_SERVER_SHUTDOWN_DELAY ?? delay,
    logLevel: variables.LOG_LEVEL,
    warnings,
  };
}

/** Without a name, a caller is logged by the token's place in the list. */
function callerOf(entry: string, index: number) {
  const [, name, token] = /^([A-Za-z][\w.-]{0,31})=(.{16,})$/.exec(entry) ?? [];
  return name === undefined || token === undefined
    ? { name: `caller ${String(index + 1)}`, token: entry }
    : { name, token };
}

/** No wildcard and no empty label: browsers send the whole name, which would match neither. */
function isOrigin({ hostname, pathname, search, hash }: URL): boolean {
  return !/\*|^\.|\.\./.test(hostname) && pathname === '/' && search === '' && hash === '';
}
