/** What the two kinds of RBM's calls are named in X-Goog-Webhook-Type, and the verification request. */
const WEBHOOK_TYPES = ['verification', 'message_callback', 'agent_callback'] as const;
export type WebhookType = (typeof WEBHOOK_TYPES)[number];

/** An event of RBM's, made only of what its signature covers. Whatever else came with it may be anybody's. */
export interface VerifiedEvent {
  /** The decoded bytes of `message.data`: RBM's JSON. The signature covers exactly these. */
  readonly data: Buffer;
  /** X-Goog-Signature, which was verified: base64(HMAC-SHA512(clientToken, data)). */
  readonly signature: string;
  /** The body that is forwarded: Pub/Sub's envelope with `message.data` alone. */
  readonly body: Buffer;
  readonly contentType: 'application/json';
  /** X-Goog-Webhook-Type, when it is a known one. It is not signed, so use it as a hint only. */
  readonly webhookType?: WebhookType;
}

export interface SignedData {
  readonly data: Buffer;
  readonly signature: string;
  /** X-Goog-Webhook-Type as it came. */
  readonly webhookType: string | undefined;
}

export function verifiedEventOf({ data, signature, webhookType }: SignedData): VerifiedEvent {
  const known = WEBHOOK_TYPES.find((type) => type === webhookType);
  return {
    data,
    signature,
    body: Buffer.from(JSON.stringify({ message: { data: data.toString('base64') } })),
    contentType: 'application/json',
    ...(known !== undefined && { webhookType: known }),
  };
}
