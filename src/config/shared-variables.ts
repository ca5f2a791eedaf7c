import { z } from 'zod';
import { DEFAULT_TASK_QUEUE, isStem } from '../contract/task-queues.js';
import { parseEncryptionKeys } from '../encryption/encryption-keys.js';
import { entriesOf, text, variable } from './variable.js';

/** Variables that more than one role reads. */

export const TASK_QUEUE = variable(text.refine(isStem, { error: '' }).default(DEFAULT_TASK_QUEUE), {
  description:
    'The stem of the Temporal task queues, the same for workers and the programs that start deliveries: `message-delivery` also stands for `message-delivery-bulk`, `-rbm`, `-revoke`, `-sms` and `-notify`.',
  must: 'must be the name of a task queue that does not end with -bulk, -rbm, -revoke, -sms or -notify',
});

const encryptionKeys = z.string().refine(areEncryptionKeys, { error: '' }).transform(parseEncryptionKeys);
const encryptionKeysMust =
  'must be one or more keys of the form keyId:base64 of 32 bytes, separated by commas, each with an id of its own';

export const PAYLOAD_ENCRYPTION_KEYS = variable(encryptionKeys.optional(), {
  description:
    'The keys that encrypt what Temporal stores, the same everywhere: the first one encrypts, every one decrypts.',
  must: encryptionKeysMust,
  secret: 'encryptionKey',
});

/** Client, worker and webhook split the text themselves, since an embedder passes it as it is. */
export const RECIPIENT_HASH_KEY = variable(
  text.refine((given) => hashKeys(given).length > 0, { error: '' }).optional(),
  {
    description:
      'The key of RecipientHash and of opt-outs, the same everywhere, required for `send` in production; while you rotate, the new one first, then the old one.',
    must: 'must be a random key, such as `openssl rand -base64 32` makes, or several separated by commas or line breaks',
    secret: 'hashKey',
  },
);

const hashKeys = (given: string): string[] => entriesOf(given, /[,\r\n]/);

/** For a role that can't work without keys. */
export const REQUIRED_PAYLOAD_ENCRYPTION_KEYS = variable(encryptionKeys, {
  description: 'The keys that decrypt payloads: the same as the workers use.',
  must: encryptionKeysMust,
  secret: 'encryptionKey',
});

function areEncryptionKeys(given: string): boolean {
  try {
    return parseEncryptionKeys(given).length > 0;
  } catch {
    return false;
  }
}
