import { z } from 'zod';
import { DEFAULT_TASK_QUEUE } from '../contract/ids.js';
import { parseEncryptionKeys } from '../encryption/encryption-keys.js';
import { baseUrl, list, port, text, variable } from './variable.js';

/** Variables that more than one role reads. */

export const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error'] as const;
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

/** Of Standard Webhooks: the current one first, then those being rotated out. */
export const webhookSecrets = list(/^whsec_(?:[A-Za-z0-9+/]{4})+(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/);

export const METRICS_PORT = variable(port.optional(), {
  description: 'The port for the Prometheus metrics of the worker (`/metrics`, on all interfaces). Unset: no metrics.',
  must: 'must be a port number',
});

export const WEBHOOK_PUBLIC_URL = variable(baseUrl.optional(), {
  description:
    "The webhook server's address as the SMS provider sees it, such as https://hooks.example.com. Twilio sends its " +
    'receipts there and signs it.',
  must: 'must be an http or https URL without credentials',
});

export const SMS_PROVIDERS = ['twilio', 'http'] as const;

export const SMS_PROVIDER = variable(z.enum(SMS_PROVIDERS).optional(), {
  description: 'Who sends the fallback SMS. Unset: nobody, and a delivery that falls back ends UNDELIVERABLE.',
  must: `must be one of ${SMS_PROVIDERS.join(', ')}`,
});

export const TWILIO_AUTH_TOKEN = variable(list(/^\S+$/).optional(), {
  description:
    "SMS_PROVIDER=twilio: the account's auth token. The worker sends with it; the webhook server checks Twilio's " +
    'signatures with it, and with more of them, separated by commas, while one is rotated out: the current one first.',
  must: "must be the Twilio account's auth token, or several separated by commas",
});

function areEncryptionKeys(given: string): boolean {
  try {
    return parseEncryptionKeys(given).length > 0;
  } catch {
    return false;
  }
}
