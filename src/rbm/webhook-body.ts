import { z } from 'zod';

/** One POST from RBM, as far as it can be read before its signature is checked. */
export type WebhookBody =
  /** RBM "Webhooks", verification: answered with the bare secret if the clientToken is a configured one. */
  | { readonly kind: 'handshake'; readonly clientToken: string; readonly secret: string }
  /** `data`: the decoded bytes of message.data. The signature covers exactly these. */
  | { readonly kind: 'envelope'; readonly data: Buffer }
  | { readonly kind: 'unreadable'; readonly reason: string };

const Envelope = z.object({ message: z.object({ data: z.string().min(1) }) });
const Handshake = z.object({ message: z.undefined().optional(), clientToken: z.string(), secret: z.string() });
/** Base64 may be broken into lines (RFC 2045). */
const WHITESPACE = /[ \t\r\n\f]+/g;
/** Standard or URL-safe alphabet, padded or not. */
const BASE64 = /^[A-Za-z0-9+/_-]+={0,2}$/;

/** Reads the JSON value of a POST. Never throws. Ignores attributes and subscription, which are not signed. */
export function parseWebhookBody(body: unknown): WebhookBody {
  const handshake = Handshake.safeParse(body);
  if (handshake.success) {
    const { clientToken, secret } = handshake.data;
    return { kind: 'handshake', clientToken, secret };
  }
  const envelope = Envelope.safeParse(body);
  if (!envelope.success) return { kind: 'unreadable', reason: 'neither a handshake nor an envelope with message.data' };
  const data = envelope.data.message.data.replace(WHITESPACE, '');
  if (!BASE64.test(data)) return { kind: 'unreadable', reason: 'message.data is not base64' };
  return { kind: 'envelope', data: Buffer.from(data, 'base64') };
}
