import { createHmac } from 'node:crypto';

export const CLIENT_TOKEN = 'test-client-token';
export const AGENT = 'acme-agent';
export const MESSAGE_ID = '0b2f6d0e-3c1f-4a57-9d8e-1f3f5a7b9c21';
export const DELIVERY = { agentId: AGENT, messageId: MESSAGE_ID };
export const WORKFLOW_ID = `message-delivery:${AGENT}:${MESSAGE_ID}`;
/** Marked values that must never appear in a log line, a metric or an answer. */
export const PHONE = '+15550100001';
export const OTHER_PHONE = '+15550100002';
export const USER_TEXT = 'marked-user-text';

export function deliveredEvent(fields: Readonly<Record<string, unknown>> = {}): Record<string, unknown> {
  return {
    agentId: `${AGENT}@rbm.goog`,
    senderPhoneNumber: PHONE,
    eventType: 'DELIVERED',
    eventId: 'evt-1',
    messageId: MESSAGE_ID,
    sendTime: '2026-01-02T03:04:05.678Z',
    ...fields,
  };
}

/** UNSUBSCRIBE as in RBM's sample: it names no message, and no time. */
export function unsubscribeEvent(fields: Readonly<Record<string, unknown>> = {}): Record<string, unknown> {
  return deliveredEvent({ eventType: 'UNSUBSCRIBE', messageId: undefined, sendTime: undefined, ...fields });
}

export function launchEvent(fields: Readonly<Record<string, unknown>> = {}): Record<string, unknown> {
  return {
    eventId: `${AGENT}/6c1a2f0e-0000-4000-8000-000000000001`,
    agentId: `${AGENT}@rbm.goog`,
    botDisplayName: 'Acme',
    brandId: 'acme',
    regionId: '/v1/regions/fi-rcs',
    oldLaunchState: 'LAUNCHED',
    newLaunchState: 'SUSPENDED',
    actingParty: PHONE,
    comment: USER_TEXT,
    sendTime: '2026-01-02T03:04:05Z',
    ...fields,
  };
}

export function userMessage(fields: Readonly<Record<string, unknown>> = {}): Record<string, unknown> {
  const about = { agentId: `${AGENT}@rbm.goog`, senderPhoneNumber: PHONE, messageId: 'users-own-id' };
  return { ...about, sendTime: '2026-01-02T03:04:05Z', text: USER_TEXT, ...fields };
}

export function sign(data: Uint8Array, token = CLIENT_TOKEN): string {
  return createHmac('sha512', token).update(data).digest('base64');
}

export interface SignedCall {
  readonly body: string;
  readonly headers: Readonly<Record<string, string>>;
}

/**
 * Returns an event as RBM posts it. `event` is an object, or the raw bytes of message.data. `unsigned` overrides fields of
 * the envelope's message.
 */
export function signedCall(event: unknown, token = CLIENT_TOKEN, unsigned: object = {}): SignedCall {
  // RBM's JSON is pretty-printed, so serializing it again would break the signature.
  const data = event instanceof Uint8Array ? event : Buffer.from(JSON.stringify(event, null, 2));
  const message = {
    data: Buffer.from(data).toString('base64'),
    messageId: '123',
    publishTime: '2026-01-02T03:04:06Z',
    ...unsigned,
  };
  return {
    body: JSON.stringify({ message, subscription: 'projects/rbm/subscriptions/x' }),
    headers: { 'content-type': 'application/json', 'x-goog-signature': sign(data, token) },
  };
}

export async function post(url: string, { body, headers }: SignedCall): Promise<Answer> {
  const response = await fetch(url, { method: 'POST', body, headers });
  return { status: response.status, headers: response.headers, text: await response.text() };
}

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}
