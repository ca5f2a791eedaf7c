import { z } from 'zod';
import type { Agents } from '../contract/agents.js';
import type { EncryptionKey } from '../encryption/encryption-keys.js';
import { RBM_AGENTS } from './agents-config.js';
import { readEnvironment, type Configuration, type Environment } from './read-environment.js';
import { inProduction, NODE_ENV } from './production.js';
import { PAYLOAD_ENCRYPTION_KEYS, TASK_QUEUE } from './shared-variables.js';
import type { TemporalConnection } from './temporal-connection.js';
import { tracingConfig, tracingFields, type TracingConfig } from './tracing-config.js';
import { rule, text, variable } from './variable.js';

export const clientVariables = z.object({
  TASK_QUEUE,
  RBM_AGENTS,
  PAYLOAD_ENCRYPTION_KEYS,
  RECIPIENT_HASH_KEY: variable(text.optional(), {
    description:
      'The key of the search attribute RecipientHash, the same for all that start deliveries; `send` needs it in production.',
    must: 'must be a random key, such as `openssl rand -base64 32` makes',
  }),
  NODE_ENV,
  ...tracingFields.shape,
});

/** For a command that starts deliveries. */
const starterVariables = clientVariables.check(
  rule<z.output<typeof clientVariables>>(
    (set) => !inProduction(set) || set.RECIPIENT_HASH_KEY !== undefined,
    'RECIPIENT_HASH_KEY',
    'is missing: with NODE_ENV=production no delivery is started without it (`openssl rand -base64 32` makes one)',
  ),
  rule<z.output<typeof clientVariables>>(
    (set) => !inProduction(set) || set.RECIPIENT_HASH_KEY === undefined || isStrongKey(set.RECIPIENT_HASH_KEY),
    'RECIPIENT_HASH_KEY',
    'must be a random key of at least 32 bytes in base64 or hex, such as `openssl rand -base64 32` makes',
  ),
);

export interface ClientConfig extends TracingConfig {
  readonly temporal: TemporalConnection;
  /** Undefined: nothing is encrypted. */
  readonly encryptionKeys?: readonly EncryptionKey[];
  readonly taskQueue: string;
  /** None: messages get no default from their agent. */
  readonly agents: Agents;
  readonly recipientHashKey?: string;
}

/** The configuration of a command that reads or changes deliveries. Throws a ConfigurationError. */
export function readClientConfig(environment?: Environment): ClientConfig {
  return configOf(readEnvironment(clientVariables, environment));
}

/**
 * The configuration of a command that starts deliveries: in production RECIPIENT_HASH_KEY is required. Throws likewise.
 */
export function readStarterConfig(environment?: Environment): ClientConfig {
  const read = readEnvironment(starterVariables, environment);
  return { ...configOf(read), ...tracingConfig(read.variables) };
}

function configOf({ variables, temporal }: Configuration<typeof clientVariables>): ClientConfig {
  const { RECIPIENT_HASH_KEY } = variables;
  return {
    temporal,
    ...(variables.PAYLOAD_ENCRYPTION_KEYS !== undefined && { encryptionKeys: variables.PAYLOAD_ENCRYPTION_KEYS }),
    taskQueue: variables.TASK_QUEUE,
    agents: variables.RBM_AGENTS ?? [],
    ...(RECIPIENT_HASH_KEY !== undefined && { recipientHashKey: RECIPIENT_HASH_KEY }),
  };
}

const KEY_BYTES = 32;
/** A random key has far more different characters. This finds a placeholder such as `xxxx…`. */
const MIN_DIFFERENT = 8;

/** Whether a key looks like at least 32 random bytes in base64, base64url or hex. */
function isStrongKey(key: string): boolean {
  if (!/^[\w+/-]+={0,2}$/.test(key) || new Set(key).size < MIN_DIFFERENT) return false;
  const bytes = /^[0-9a-f]+$/i.test(key) ? key.length / 2 : Buffer.from(key, 'base64').length;
  return bytes >= KEY_BYTES;
}
