import type { Chance } from './fuzz-random.js';
import {
  earnedByReceipt,
  earnedByRbm,
  earnedByTwilio,
  KEYWORDS,
  signReceipt,
  signRbm,
  signTwilio,
  type Earned,
} from './fuzz-truth.js';

export const RBM_TOKENS = ['fuzz-token-current', 'fuzz-token-rotated-out'] as const;
export const SMS_SECRETS = [`whsec_${btoa('fuzz-secret-current')}`, `whsec_${btoa('fuzz-secret-rotated')}`] as const;
export const TWILIO_TOKENS = ['fuzz-twilio-current', 'fuzz-twilio-rotated'] as const;
export const PUBLIC_URL = 'https://hooks.example.com/base';
/** They must appear in no log line and no answer. Every number begins like this. */
export const MARKED_PHONE = '+1555010777';
export const MARKED_TEXT = 'marked-fuzz-text';

export type Headers = Readonly<Record<string, string>>;
/** One call as it is sent. */
export interface Call {
  readonly method: string;
  readonly url: string;
  readonly headers: Headers;
  readonly body: Buffer;
  /** Sends the body in chunks of this many bytes. Absent: with a Content-Length. */
  readonly chunk?: number;
}
/** A correctly signed call, and what it may cause. */
export interface SignedCall extends Call {
  readonly route: 'rbm' | 'smsHttp' | 'smsTwilio';
  /** What the signature covers. */
  readonly signed: Buffer;
  readonly earned: readonly Earned[];
  /** True if `earned` must happen. False if the event is so odd that the webhook may drop it. */
  readonly plain: boolean;
}

const KINDS = ['DELIVERED', 'READ', 'TTL_EXPIRATION_REVOKED', 'TTL_EXPIRATION_REVOKE_FAILED', 'TTL_NEW'] as const;
const ODD = [
  '',
  '\u0000',
  '\ud800',
  '\ufeff',
  '💥'.repeat(300),
  '../../etc',
  'a:b',
  '__proto__',
  'acme@rbm.goog@rbm.goog',
  '2026-01-02T03:04:05.' + '1'.repeat(90) + 'Z',
  'x'.repeat(1500),
  'DELIVERED',
  'toString',
] as const;
const oddValue = (chance: Chance): unknown =>
  chance.pick([...ODD, 0, -1, 1e308, true, null, [], {}, [[[]]], { toString: 1 }, undefined] as [
    unknown,
    ...unknown[],
  ]);

let count = 0;
const nextId = () => `evt-${String((count += 1))}`;
const agentOf = (chance: Chance) => chance.pick(['acme-agent', 'acme-agent@rbm.goog', 'other.agent_2']);
const idOf = (chance: Chance) => (chance.share(0.1) ? chance.uuid().toUpperCase() : chance.uuid());
const phoneOf = (chance: Chance) => `${chance.share(0.1) ? ' ' : ''}${MARKED_PHONE}${String(chance.below(10))}`;
const keywordOf = (chance: Chance) => chance.pick(Object.keys(KEYWORDS) as [string, ...string[]]);
const STATES = ['SUSPENDED', 'UNLAUNCHED', 'LAUNCHED', 'SOMETHING_NEW', MARKED_TEXT] as const;
const TIMES = ['2026-01-02T03:04:05.678Z', '2026-01-02T03:04:05+02:00', undefined] as const;

function rbmEvent(chance: Chance): Record<string, unknown> {
  const about = {
    agentId: agentOf(chance),
    [chance.share(0.8) ? 'senderPhoneNumber' : 'phoneNumber']: phoneOf(chance),
    eventId: nextId(),
    sendTime: chance.pick(TIMES),
  };
  const messageId = idOf(chance);
  if (chance.share(0.6)) return { ...about, messageId, eventType: chance.pick(KINDS) };
  const ids = Array.from({ length: 1 + chance.below(3) }, () => idOf(chance));
  const postbackData = `${MARKED_TEXT} ${ids.join(' ')}`;
  return chance.pick([
    { ...about, eventType: 'IS_TYPING' },
    { ...about, eventType: 'SUBSCRIBE' },
    { ...about, eventType: 'UNSUBSCRIBE' },
    { ...about, text: keywordOf(chance), messageId },
    { ...about, text: keywordOf(chance), messageId, eventId: undefined },
    { ...about, newLaunchState: chance.pick(STATES), regionId: MARKED_PHONE, comment: MARKED_TEXT },
    { ...about, eventType: 'SOMETHING_NEW', messageId },
    { ...about, text: MARKED_TEXT, messageId },
    { ...about, userFile: { payload: { fileUri: MARKED_TEXT } } },
    { ...about, suggestionResponse: { postbackData, text: MARKED_TEXT, type: 'REPLY' } },
  ] as [Record<string, unknown>, ...Record<string, unknown>[]]);
}

/** Changes one value of a JSON tree, as a faulty sender might. */
function bend(chance: Chance, event: Record<string, unknown>): Record<string, unknown> {
  const keys = Object.keys(event) as [string, ...string[]];
  const key = chance.pick(keys);
  const value = oddValue(chance);
  switch (chance.below(4)) {
    case 0:
      return { ...event, [key]: value };
    case 1:
      return Object.fromEntries(Object.entries(event).filter(([name]) => name !== key));
    case 2:
      return { ...event, [chance.pick(['__proto__', 'constructor', 'then', 'toJSON'])]: value };
    default:
      return { ...event, [key]: { [key]: event[key] } };
  }
}

export function rbmCall(chance: Chance): SignedCall {
  const plain = chance.share(0.75);
  const event = plain ? rbmEvent(chance) : bend(chance, rbmEvent(chance));
  const text = JSON.stringify(event, null, chance.pick([0, 2]));
  const nested =
    plain || chance.share(0.98) ? text : `{"x":${'['.repeat(20_000)}${']'.repeat(20_000)},${text.slice(1)}`;
  // A key that comes twice. The last one counts.
  const data = Buffer.from(plain || chance.share(0.8) ? nested : nested.replace('{', '{"eventType":"READ",'));
  return { ...envelope(chance, data), plain };
}

function envelope(chance: Chance, data: Buffer): SignedCall {
  const message = {
    data: data.toString(chance.pick(['base64', 'base64url'])),
    attributes: { type: 'event' },
    messageId: '1',
    publishTime: '2026-01-02T03:04:06.789Z',
  };
  return {
    route: 'rbm',
    method: 'POST',
    url: '/webhooks/rbm',
    headers: { 'content-type': 'application/json', 'x-goog-signature': signRbm(chance.pick(RBM_TOKENS), data) },
    body: Buffer.from(JSON.stringify({ message, subscription: 'projects/rbm/x' })),
    signed: data,
    earned: earnedByRbm(data),
    plain: true,
  };
}

export function receiptCall(chance: Chance): SignedCall {
  const plain = chance.share(0.75);
  const reference = `message-delivery:acme-agent:${chance.uuid()}`;
  const sendTime = chance.pick(TIMES);
  const receipt = { reference, status: chance.pick(['SENT', 'DELIVERED', 'UNDELIVERED', 'QUEUED']), sendTime };
  const content = Buffer.from(JSON.stringify(plain ? receipt : bend(chance, receipt)));
  const id = plain || chance.share(0.8) ? nextId() : 'i'.repeat(900);
  const seconds = String(Math.floor(Date.now() / 1000));
  const signature = signReceipt(chance.pick(SMS_SECRETS), id, seconds, content.toString());
  return {
    route: 'smsHttp',
    method: 'POST',
    url: '/webhooks/sms/http',
    headers: {
      'content-type': 'application/json',
      'webhook-id': id,
      'webhook-timestamp': seconds,
      'webhook-signature': chance.share(0.2) ? `v1,AAAA ${signature}` : signature,
    },
    body: content,
    signed: content,
    earned: earnedByReceipt(JSON.parse(content.toString()), id),
    plain: plain,
  };
}

export function twilioCall(chance: Chance): SignedCall {
  const plain = chance.share(0.8);
  const reference = plain ? `message-delivery:acme-agent:${chance.uuid()}` : Buffer.from(chance.pick(ODD)).toString();
  const word = chance.pick(['sent', 'delivered', 'read', 'undelivered', 'failed', 'queued', 'constructor']);
  const To = `${MARKED_PHONE}${String(chance.below(10))}`;
  const ErrorCode = chance.pick(['30003', '21610', '']);
  const params = { MessageSid: `SM${nextId()}`, MessageStatus: word, To, ErrorCode, Odd: plain ? '' : '💥&=+' };
  const url = `/webhooks/sms/twilio?reference=${encodeURIComponent(reference)}`;
  const body = Buffer.from(new URLSearchParams(params).toString());
  return {
    route: 'smsTwilio',
    method: 'POST',
    url,
    headers: {
      'content-type': 'application/x-www-form-urlencoded; charset=utf-8',
      'x-twilio-signature': signTwilio(chance.pick(TWILIO_TOKENS), PUBLIC_URL + url, params),
    },
    body,
    signed: body,
    earned: earnedByTwilio(reference, params),
    plain,
  };
}
