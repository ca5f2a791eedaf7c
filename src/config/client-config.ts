import { z } from 'zod';
import type { Agents } from '../contract/agents.js';
import type { EncryptionKey } from '../encryption/encryption-keys.js';
import type { ProxyVariables } from '../http/proxies.js';
import { RBM_AGENTS } from './agents-config.js';
import { readEnvironment, type Configuration, type Environment } from './read-environment.js';
import { inProduction, productionFields } from './production.js';
import { PAYLOAD_ENCRYPTION_KEYS, RECIPIENT_HASH_KEY, TASK_QUEUE } from './shared-variables.js';
import type { TemporalConnection } from './temporal-connection.js';
import { tracingConfig, tracingFields, type TracingConfig } from './tracing-config.js';
import { rule } from './variable.js';

export const clientVariables = z.object({
  TASK_QUEUE,
  RBM_AGENTS,
  PAYLOAD_ENCRYPTION_KEYS,
  RECIPIENT_HASH_KEY,
  ...productionFields,
  ...tracingFields.shape,
});

/** For a command that starts deliveries. */
const starterVariables = clientVariables.check(
  rule<z.output<typeof clientVariables>>(
    (set) => !inProduction(set) || set.RECIPIENT_HASH_KEY !== undefined,
    'RECIPIENT_HASH_KEY',
    'is missing: with NODE_ENV=production no delivery is started without it (`openssl rand -base64 32` makes one)',
  ),
);

export interface ClientConfig extends TracingConfig {
  readonly temporal: TemporalConnection;
  /** See `readProxies`. */
  readonly proxies?: ProxyVariables;
  /** Undefined: nothing is encrypted. */
  readonly encryptionKeys?: readonly EncryptionKey[];
  readonly taskQueue: string;
  /** None: messages get no default from their agent. */
  readonly agents: Agents;
  /** One key, or several separated by commas or line breaks. */
  readonly recipientHashKey?: string;
  /** What a person who runs a command should know: one sentence each, without a secret. */
  readonly warnings: readonly string[];
}

/**
 * The configuration of a command that reads or changes deliveries. The rules of production don't hold, since it may be an
 * emergency. Throws a ConfigurationError.
 */
export function readClientConfig(environment?: Environment): ClientConfig {
  return configOf(readEnvironment(clientVariables, environment, { isStrict: false }));
}

/**
 * The configuration of a command that starts deliveries: in production RECIPIENT_HASH_KEY is required. Throws likewise.
 */
export function readStarterConfig(environment?: Environment): ClientConfig {
  return { ...configOf(readEnvironment(starterVariables, environment)), ...tracingConfig(environment) };
}

function configOf({ variables, temporal, proxies, warnings }: Configuration<typeof clientVariables>): ClientConfig {
  const { RECIPIENT_HASH_KEY: recipientHashKey } = variables;
  return {
    temporal,
    ...(proxies !== undefined && { proxies }),
    ...(variables.PAYLOAD_ENCRYPTION_KEYS !== undefined && { encryptionKeys: variables.PAYLOAD_ENCRYPTION_KEYS }),
    taskQueue: variables.TASK_QUEUE,
    agents: variables.RBM_AGENTS ?? [],
    ...(recipientHashKey !== undefined && { recipientHashKey }),
    warnings,
  };
}
