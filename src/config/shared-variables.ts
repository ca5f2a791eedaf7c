import { z } from 'zod';
import { DEFAULT_TASK_QUEUE } from '../contract/ids.js';
import { parseEncryptionKeys } from '../encryption/encryption-keys.js';
import { port, text, variable } from './variable.js';

/** Variables that more than one role reads. */

const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

export const LOG_LEVEL = variable(z.enum(LOG_LEVELS).default('info'), {
  description: 'The lowest severity that is logged.',
  must: `must be one of ${LOG_LEVELS.join(', ')}`,
});

export const TASK_QUEUE = variable(text.default(DEFAULT_TASK_QUEUE), {
  description: 'The Temporal task queue. Workers and the programs that start deliveries must use the same.',
  must: 'must be the name of a task queue',
});

const encryptionKeys = z.string().refine(areEncryptionKeys, { error: '' }).transform(parseEncryptionKeys);
const encryptionKeysMust =
  'must be one or more keys of the form keyId:base64 of 32 bytes, separated by commas, each with an id of its own';

export const PAYLOAD_ENCRYPTION_KEYS = variable(encryptionKeys.optional(), {
  description:
    'The keys that encrypt what Temporal stores. Workers, webhook servers, clients and the codec server must use the ' +
    'same. The first key encrypts, every key decrypts. Unset: nothing is encrypted.',
  must: encryptionKeysMust,
});

/** For a role that can't work without keys. */
export const REQUIRED_PAYLOAD_ENCRYPTION_KEYS = variable(encryptionKeys, {
  description: 'The keys that decrypt payloads: the same as the workers use.',
  must: encryptionKeysMust,
});

export const METRICS_PORT = variable(port.optional(), {
  description: 'The port for the Prometheus metrics of the worker (`/metrics`, on all interfaces). Unset: no metrics.',
  must: 'must be a port number',
});

function areEncryptionKeys(given: string): boolean {
  try {
    return parseEncryptionKeys(given).length > 0;
  } catch {
    return false;
  }
}
