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

/** Standard Webhooks 1.0, and the names that senders from before it still use (Svix). */
const PREFIXES = ['webhook', 'svix'] as const;

/** Whether a webhook was signed: see {@link verifiedWebhookId}. */
export const verifyStandardWebhook = (webhook: StandardWebhook): boolean => verifiedWebhookId(webhook) !== undefined;

/**
 * The id of a webhook that was signed with one of the secrets (Standard Webhooks 1.0: HMAC-SHA256 over
 * `id.timestamp.body`), at most five minutes before or after now; undefined for any other. Tries every secret with every
 * signature, in constant time. The id, time and signature are those of one set of headers, `webhook-*` or `svix-*`.
 */
export function verifiedWebhookId(webhook: StandardWebhook): string | undefined {
  const ids = PREFIXES.map((prefix) => verifiedIdOf(webhook, prefix));
  return ids.find((id) => id !== undefined);
}

function verifiedIdOf(
  { secrets, headers, body, now = Date.now() }: StandardWebhook,
  prefix: (typeof PREFIXES)[number],
): string | undefined {
  const id = headers[`${prefix}-id`];
  const timestamp = headers[`${prefix}-timestamp`];
  const signature = headers[`${prefix}-signature`];
  if (typeof id !== 'string' || typeof timestamp !== 'string' || typeof signature !== 'string') return undefined;
  if (id === '' || !/^\d{1,12}$/.test(timestamp)) return undefined;
  if (Math.abs(Math.floor(now / 1000) - Number(timestamp)) > TOLERANCE_S) return undefined;
  const given = signature.split(' ');
  const matches = secrets.flatMap((secret) => {
    // Not the library's `sign`: it accepts text only, and not all bytes are text.
    const hmac = createHmac('sha256', keyOf(secret))
      .update(`${id}.${Number(timestamp)}.`)
      .update(body);
    const expected = `v1,${hmac.digest('base64')}`;
    return given.map((one) => isSame(one, expected));
  });
  return matches.reduce((any, match) => any || match, false) ? id : undefined;
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
