import { randomUUID } from 'node:crypto';
import { FILE_NAME, USER_TEXT } from './marked.js';

/**
 * Signed events about no delivery, opt-outs and launch events, with the phone number in every field that should hold an
 * id or a name.
 */
export function strayEvents(number: string): Record<string, unknown>[] {
  const event = eventOf(number);
  return [
    { ...event, messageId: number },
    { ...event, eventType: 'DELIVERED', messageId: number, eventId: number },
    { ...event, eventType: number, messageId: randomUUID() },
    { ...event, eventType: 'UNSUBSCRIBE', eventId: number },
    { ...event, eventType: 'SUBSCRIBE', senderPhoneNumber: `${number} ${USER_TEXT}` },
    { ...event, text: 'STOP', messageId: number },
    { ...event, newLaunchState: number, oldLaunchState: USER_TEXT, regionId: number, comment: USER_TEXT },
    { ...event, newLaunchState: 'SUSPENDED', oldLaunchState: number, regionId: `/v1/regions/${number}` },
  ];
}

const eventOf = (number: string) => ({
  agentId: 'acme-agent',
  senderPhoneNumber: number,
  text: USER_TEXT,
  userFile: { fileName: FILE_NAME },
});

/** Webhook calls that are forged, malformed or unsigned. The webhook refuses all of them. */
export function refusedCalls(number: string): readonly (readonly [path: string, init: RequestInit])[] {
  const data = Buffer.from(JSON.stringify(eventOf(number))).toString('base64');
  const json = { 'content-type': 'application/json' };
  const form = { 'content-type': 'application/x-www-form-urlencoded' };
  const receipt = new URLSearchParams({ MessageSid: number, MessageStatus: 'delivered', To: number, Body: USER_TEXT });
  return [
    [
      '/webhooks/rbm',
      { headers: { ...json, 'x-goog-signature': number }, body: JSON.stringify({ message: { data } }) },
    ],
    ['/webhooks/rbm', { headers: json, body: `{"text": "${USER_TEXT}, ${number}` }],
    ['/webhooks/rbm', { headers: json, body: JSON.stringify({ clientToken: number, secret: `${USER_TEXT}-secret` }) }],
    ['/webhooks/rbm', { headers: { 'content-type': `text/${USER_TEXT}` }, body: number }],
    ['/webhooks/sms/http', { headers: { ...json, 'webhook-id': number }, body: JSON.stringify({ reference: number }) }],
    [
      `/webhooks/sms/twilio?reference=${encodeURIComponent(number)}`,
      { headers: { ...form, 'x-twilio-signature': USER_TEXT }, body: receipt },
    ],
    [`/webhooks/${USER_TEXT}/${number}?to=${number}`, { body: number }],
    [`/webhooks/rbm/%E0%A4%A?to=${number}`, { body: number }],
  ];
}
