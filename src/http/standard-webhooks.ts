import { createHmac, timingSafeEqual } from 'node:crypto';
import { Webhook } from 'standardwebhooks';

/** Standard Webhooks leaves the tolerance open. All its libraries use five minutes. Seconds. */
const TOLERANCE_S = 300;
const SECRET = /^(?:whsec_)?([A-Za-z0-9+/]+={0,2})$/;

export interface StandardWebhook {
  /**
   * `whsec_` + base64: the current secret first, then those being rotated out. White space around one does not count.
   * Throws an Error for a malformed one.
   */
  readonly secrets: readonly string[];
  /** Names in lower case, as Node gives them. */
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  /** The body as received: raw bytes, or its text. */
  readonly body: Uint8Array | string;
  /** Epoch milliseconds. */
  readonly now?: number;
}

/**
 * Whether a webhook was signed with one of the secrets (Standard Webhooks 1.0: HMAC-SHA256 over `id.timestamp.body`), at
 * most five minutes before or after now. Tries every secret with every signature, in constant time.
 */
export function verifyStandardWebhook({ secrets, headers, body, now = Date.now() }: StandardWebhook): boolean {
  const id = headers['webhook-id'];
  const timestamp = headers['webhook-timestamp'];
  const signature = headers['webhook-signature'];
  if (typeof id !== 'string' || typeof timestamp !== 'string' || typeof signature !== 'string') return false;
  if (id === '' || !/^\d{1,12}$/.test(timestamp)) return false;
  if (Math.abs(Math.floor(now / 1000) - Number(timestamp)) > TOLERANCE_S) return false;
  const given = signature.split(' ');
  const matches = secrets.flatMap((secret) => {
    // Not the library's `sign`: it accepts text only, and not all bytes are text.
    const hmac = createHmac('sha256', keyOf(secret))
      .update(`${id}.${Number(timestamp)}.`)
      .update(body);
    const expected = `v1,${hmac.digest('base64')}`;
    return given.map((one) => isSame(one, expected));
  });
  return matches.reduce((any, match) => any || match, false);
}

/** The three headers of a signed webhook. `timestamp`: epoch milliseconds. */
export function signStandardWebhook({
  secret,
  id,
  body,
  timestamp = Date.now(),
}: {
  readonly secret: string;
  readonly id: string;
  readonly body: string;
  readonly timestamp?: number;
}): { 'webhook-id': string; 'webhook-timestamp': string; 'webhook-signature': string } {
  return {
    'webhook-id': id,
    'webhook-timestamp': String(Math.floor(timestamp / 1000)),
    'webhook-signature': new Webhook(secret.trim()).sign(id, new Date(timestamp), body),
  };
}

function keyOf(secret: string): Buffer {
  const [, base64 = ''] = SECRET.exec(secret.trim()) ?? [];
  const key = Buffer.from(base64, 'base64');
  if (key.length === 0) throw new Error('a secret of Standard Webhooks must be whsec_ and base64');
  return key;
}

/** Compares in constant time. The length may leak, since it is no secret. */
function isSame(one: string, other: string): boolean {
  const [a, b] = [Buffer.from(one), Buffer.from(other)];
  return a.length === b.length && timingSafeEqual(a, b);
}
