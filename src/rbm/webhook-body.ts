import { z } from 'zod';
import { MAX_SEND_TIME } from '../contract/messages.js';

/** One POST from RBM, as far as it can be read before its signature is checked. */
export type WebhookBody =
  /** RBM "Webhooks", verification: answered with the bare secret if the clientToken is a configured one. */
  | { readonly kind: 'handshake'; readonly clientToken: string; readonly secret: string }
  | WebhookEnvelope
  | { readonly kind: 'unreadable'; readonly reason: string };

interface WebhookEnvelope {
  readonly kind: 'envelope';
  /** The decoded bytes of message.data. The signature covers exactly these. */
  readonly data: Buffer;
  /**
   * When Pub/Sub first got the event, RFC 3339; a repetition has the same. It is not signed, so whoever has a signed
   * event can give it any time. Use it only to make an event older than its receipt, never newer.
   */
  readonly publishTime?: string;
}

/** A malformed time counts as absent. */
const time = z.iso.datetime({ offset: true }).max(MAX_SEND_TIME).optional().catch(undefined);
/** Pub/Sub's push requests hold both ways of writing the time. */
const Message = z.object({ data: z.string().min(1), publishTime: time, publish_time: time });
const Envelope = z.object({ message: Message });
const Handshake = z.object({ message: z.undefined().optional(), clientToken: z.string(), secret: z.string() });
/** Base64 may be broken into lines (RFC 2045). */
const WHITESPACE = /[ \t\r\n\f]+/g;
/** Standard or URL-safe alphabet, padded or not. */
const BASE64 = /^[A-Za-z0-9+/_-]+={0,2}$/;

/** Reads the JSON value of a POST. Never throws. Of what is not signed, it reads the publishTime alone. */
export function parseWebhookBody(body: unknown): WebhookBody {
  const handshake = Handshake.safeParse(body);
  if (handshake.success) {
    const { clientToken, secret } = handshake.data;
    return { kind: 'handshake', clientToken, secret };
  }
  const envelope = Envelope.safeParse(body);
  if (!envelope.success) return { kind: 'unreadable', reason: 'neither a handshake nor an envelope with message.data' };
  const { message } = envelope.data;
  const data = message.data.replace(WHITESPACE, '');
  if (!BASE64.test(data)) return { kind: 'unreadable', reason: 'message.data is not base64' };
  const publishTime = message.publishTime ?? message.publish_time;
  return {
    kind: 'envelope',
    data: Buffer.from(data, 'base64'),
    ...(publishTime !== undefined && { publishTime }),
  };
}
