import { createHmac } from 'node:crypto';

/** What a call may cause, derived from what was signed and not from how the webhook reads it. */
export interface Earned {
  readonly workflowId: string;
  readonly name: string;
  /** The values that the event itself contains. */
  readonly eventId: unknown;
  readonly sendTime: unknown;
  readonly status?: string;
  /** The number that the event names, if it can be read. */
  readonly from?: string | undefined;
  /** Of an opt-out or its end. */
  readonly source?: string;
}

/** Texts that are keywords, with what they say and as what they are recorded. */
export const KEYWORDS = {
  STOP: ['optOut', 'keyword STOP'],
  ' stop\n': ['optOut', 'keyword STOP'],
  Baja: ['optOut', 'keyword BAJA'],
  parar: ['optOut', 'keyword PARAR'],
  start: ['optIn', 'keyword START'],
  ALTA: ['optIn', 'keyword ALTA'],
  demarrer: ['optIn', 'keyword DÉMARRER'],
  começar: ['optIn', 'keyword COMEÇAR'],
} as const;

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
  const from = numberOf(event['senderPhoneNumber']) ?? numberOf(event['phoneNumber']);
  if (typeof agentId !== 'string' || !AGENT.test(agentId)) return [];
  const optOut = (name: string, source: string, id: unknown): Earned[] =>
    from !== undefined && /^\+[1-9]\d{6,14}$/.test(from)
      ? [{ workflowId: optOutIdOf(bare(agentId), from), name, source, eventId: id, sendTime }]
      : [];
  if (typeof eventType === 'string' && eventType !== '') {
    if (eventType === 'UNSUBSCRIBE') return optOut('optOut', 'rbm', eventId);
    if (eventType === 'SUBSCRIBE') return optOut('optIn', 'rbm', eventId);
    const name = NAMES[eventType] ?? (eventType.startsWith('TTL_') ? 'ttlExpirationRevokeFailed' : undefined);
    if (name === undefined || typeof messageId !== 'string' || !UUID.test(messageId)) return [];
    return [{ workflowId: idOf(agentId, messageId), name, eventId, sendTime, from }];
  }
  const { text } = event;
  const isKeyword = typeof text === 'string' && Object.hasOwn(KEYWORDS, text);
  const keyword = isKeyword ? KEYWORDS[text as keyof typeof KEYWORDS] : undefined;
  const said = keyword === undefined ? [] : optOut(keyword[0], keyword[1], isId(eventId) ? eventId : messageId);
  const postback = isFields(suggestionResponse) ? suggestionResponse['postbackData'] : undefined;
  if (typeof postback !== 'string') return said;
  const replied = postback
    .split(/[^0-9A-Za-z-]+/)
    .filter((word) => UUID.test(word))
    .map((id) => ({ workflowId: idOf(agentId, id), name: 'replied', eventId, sendTime, from }));
  return [...said, ...replied];
}

export const optOutIdOf = (agentId: string, number: string): string => `opt-out:${agentId}:${number}`;
const isId = (id: unknown) => typeof id === 'string' && id.length > 0 && id.length <= 512;

function numberOf(value: unknown): string | undefined {
  const number = typeof value === 'string' ? value.trim() : '';
  return number.length > 0 && number.length <= 64 ? number : undefined;
}

/** All signals that a signed receipt may cause. */
export function earnedByReceipt(receipt: unknown, eventId: string): Earned[] {
  if (!isFields(receipt)) return [];
  const { reference, status, sendTime } = receipt;
  const workflowId = deliveryOf(reference);
  if (workflowId === undefined || typeof status !== 'string') return [];
  if (!['SENT', 'DELIVERED', 'UNDELIVERED'].includes(status)) return [];
  return [{ workflowId, name: 'smsStatus', status, eventId, sendTime }];
}

function deliveryOf(reference: unknown): string | undefined {
  if (typeof reference !== 'string') return undefined;
  const [prefix, agentId = '', messageId = '', ...more] = reference.split(':');
  const isDelivery = prefix === 'message-delivery' && more.length === 0 && AGENT.test(agentId) && UUID.test(messageId);
  return isDelivery && messageId === messageId.toLowerCase() ? idOf(agentId, messageId) : undefined;
}

/** The words that Twilio has. An empty text: it says nothing of what becomes of the SMS. */
const TWILIO: Readonly<Record<string, string>> = {
  accepted: '',
  scheduled: '',
  queued: '',
  sending: '',
  sent: 'SENT',
  partially_delivered: 'SENT',
  delivered: 'DELIVERED',
  read: 'DELIVERED',
  undelivered: 'UNDELIVERED',
  failed: 'UNDELIVERED',
  canceled: 'UNDELIVERED',
  receiving: '',
  received: '',
};
const twilioWord = (given: string): string => {
  const word = given
    .trim()
    .toLowerCase()
    .replace(/[\s-]+/g, '_');
  return Object.hasOwn(TWILIO, word) ? word : 'unknown';
};

/** All that a signed status callback may cause: the receipt, and the opt-out from SMS that it reports. */
export function earnedByTwilio(
  reference: string,
  {
    MessageSid,
    MessageStatus,
    To,
    ErrorCode,
  }: Readonly<Record<'MessageSid' | 'MessageStatus' | 'To' | 'ErrorCode', string>>,
): Earned[] {
  const word = twilioWord(MessageStatus);
  const eventId = `${MessageSid}:${word}`;
  const receipts = earnedByReceipt({ reference, status: TWILIO[word] ?? '' }, eventId);
  if (ErrorCode !== '21610' || deliveryOf(reference) === undefined) return receipts;
  const source = 'sms:twilio 21610';
  const optOut = { workflowId: optOutIdOf('acme-agent', To), name: 'optOut', source, eventId, sendTime: undefined };
  return [...receipts, optOut];
}

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
