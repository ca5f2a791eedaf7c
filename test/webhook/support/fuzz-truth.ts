import { createHmac } from 'node:crypto';

/** What a call may cause, derived from what was signed and not from how the webhook reads it. */
export interface Earned {
  readonly workflowId: string;
  readonly name: string;
  /** The values that the event itself contains. */
  readonly eventId: unknown;
  readonly sendTime: unknown;
  readonly status?: string;
}

const AGENT = /^[A-Za-z0-9][\w.-]{0,127}(@rbm\.goog)?$/;
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const NAMES: Readonly<Record<string, string>> = {
  DELIVERED: 'delivered',
  READ: 'read',
  TTL_EXPIRATION_REVOKED: 'ttlExpirationRevoked',
};
type Fields = Readonly<Record<string, unknown>>;

const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const bare = (agentId: string) => agentId.replace(/@rbm\.goog$/, '');
const idOf = (agentId: string, messageId: string) => `message-delivery:${bare(agentId)}:${messageId.toLowerCase()}`;

function jsonOf(data: Buffer): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(data));
  } catch {
    return undefined;
  }
}

/** All signals that a signed RBM event may cause. */
export function earnedByRbm(data: Buffer): Earned[] {
  const event = jsonOf(data);
  if (!isFields(event)) return [];
  const { eventType, agentId, messageId, eventId, sendTime, suggestionResponse } = event;
  if (typeof agentId !== 'string' || !AGENT.test(agentId)) return [];
  if (typeof eventType === 'string' && eventType !== '') {
    const name = NAMES[eventType] ?? (eventType.startsWith('TTL_') ? 'ttlExpirationRevokeFailed' : undefined);
    if (name === undefined || typeof messageId !== 'string' || !UUID.test(messageId)) return [];
    return [{ workflowId: idOf(agentId, messageId), name, eventId, sendTime }];
  }
  const postback = isFields(suggestionResponse) ? suggestionResponse['postbackData'] : undefined;
  if (typeof postback !== 'string') return [];
  return postback
    .split(/[^0-9A-Za-z-]+/)
    .filter((word) => UUID.test(word))
    .map((id) => ({ workflowId: idOf(agentId, id), name: 'replied', eventId, sendTime }));
}

/** All signals that a signed receipt may cause. */
export function earnedByReceipt(receipt: unknown, eventId: string): Earned[] {
  if (!isFields(receipt)) return [];
  const { reference, status, sendTime } = receipt;
  if (typeof reference !== 'string' || typeof status !== 'string') return [];
  const [prefix, agentId = '', messageId = '', ...more] = reference.split(':');
  const isDelivery = prefix === 'message-delivery' && more.length === 0 && AGENT.test(agentId) && UUID.test(messageId);
  if (!isDelivery || messageId !== messageId.toLowerCase() || !['SENT', 'DELIVERED', 'UNDELIVERED'].includes(status))
    return [];
  return [{ workflowId: idOf(agentId, messageId), name: 'smsStatus', status, eventId, sendTime }];
}

const TWILIO: Readonly<Record<string, string>> = {
  sent: 'SENT',
  delivered: 'DELIVERED',
  read: 'DELIVERED',
  undelivered: 'UNDELIVERED',
  failed: 'UNDELIVERED',
};
export const twilioStatus = (word: string): string => (Object.hasOwn(TWILIO, word) ? (TWILIO[word] ?? '') : '');

export const signRbm = (token: string, data: Uint8Array): string =>
  createHmac('sha512', token).update(data).digest('base64');
export const signReceipt = (secret: string, id: string, seconds: string, body: string): string =>
  `v1,${createHmac('sha256', Buffer.from(secret.slice(6), 'base64'))
    .update(`${id}.${seconds}.${body}`)
    .digest('base64')}`;
export function signTwilio(token: string, url: string, params: Readonly<Record<string, string>>): string {
  const sorted = Object.keys(params).sort();
  const signed = sorted.reduce((text, name) => `${text}${name}${params[name] ?? ''}`, url);
  return createHmac('sha1', token).update(signed).digest('base64');
}
