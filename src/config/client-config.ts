import { z } from 'zod';
import type { EncryptionKey } from '../encryption/encryption-keys.js';
import { readEnvironment, type Environment } from './read-environment.js';
import { PAYLOAD_ENCRYPTION_KEYS, TASK_QUEUE } from './shared-variables.js';
import type { TemporalConnection } from './temporal-connection.js';
import { text, variable } from './variable.js';

export const clientVariables = z.object({
  TASK_QUEUE,
  PAYLOAD_ENCRYPTION_KEYS,
  RECIPIENT_HASH_KEY: variable(text.optional(), {
    description: 'The key of the hash that the search attribute RecipientHash holds. Unset: no such attribute.',
    must: 'must be a key',
  }),
});

export interface ClientConfig {
  readonly temporal: TemporalConnection;
  /** Absent: nothing is encrypted. */
  readonly encryptionKeys?: readonly EncryptionKey[];
  readonly taskQueue: string;
  readonly recipientHashKey?: string;
}

/** The configuration of the commands that start deliveries and look at them. Throws a ConfigurationError. */
export function readClientConfig(environment?: Environment): ClientConfig {
  const { variables, temporal } = readEnvironment(clientVariables, environment);
  const { RECIPIENT_HASH_KEY } = variables;
  return {
    temporal,
    ...(variables.PAYLOAD_ENCRYPTION_KEYS !== undefined && { encryptionKeys: variables.PAYLOAD_ENCRYPTION_KEYS }),
    taskQueue: variables.TASK_QUEUE,
    ...(RECIPIENT_HASH_KEY !== undefined && { recipientHashKey: RECIPIENT_HASH_KEY }),
  };
}
