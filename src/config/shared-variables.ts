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
  description: 'The Temporal task queue, the same for workers and the programs that start deliveries.',
  must: 'must be the name of a task queue',
});

const encryptionKeys = z.string().refine(areEncryptionKeys, { error: '' }).transform(parseEncryptionKeys);
const encryptionKeysMust =
  'must be one or more keys of the form keyId:base64 of 32 bytes, separated by commas, each with an id of its own';

export const PAYLOAD_ENCRYPTION_KEYS = variable(encryptionKeys.optional(), {
  description:
    'The keys that encrypt what Temporal stores, the same everywhere: the first one encrypts, every one decrypts.',
  must: encryptionKeysMust,
});

/** For a role that can't work without keys. */
export const REQUIRED_PAYLOAD_ENCRYPTION_KEYS = variable(encryptionKeys, {
  description: 'The keys that decrypt payloads: the same as the workers use.',
  must: encryptionKeysMust,
});

export const METRICS_PORT = variable(port.optional(), {
  description:
    "The port for the worker's Prometheus metrics (`/metrics`, on all interfaces); if unset, there are none.",
  must: 'must be a port number',
});

function areEncryptionKeys(given: string): boolean {
  try {
    return parseEncryptionKeys(given).length > 0;
  } catch {
    return false;
  }
}
