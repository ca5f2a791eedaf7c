import { PUBLIC_URL, type Call, type SignedCall } from './fuzz-calls.js';
import { fateOf, type Recorded } from './fuzz-deliveries.js';
import type { Earned } from './fuzz-truth.js';

/** True if the call is still signed correctly, so that the webhook may act on it. */
export function isStillSigned(origin: SignedCall, sent: Call): boolean {
  if (hasTooManyChunks(sent)) return false;
  const same = (name: string) => sent.headers[name] === origin.headers[name];
  if (sent === origin) return true;
  if (sent.method !== 'POST') return false;
  switch (origin.route) {
    case 'rbm':
      return (
        pathOf(sent) === '/webhooks/rbm' &&
        same('x-goog-signature') &&
        (sent.body === origin.body || dataOf(sent.body)?.equals(origin.signed) === true)
      );
    case 'smsHttp': {
      const given = (sent.headers['webhook-signature'] ?? '').split(' ');
      const good = origin.headers['webhook-signature']?.split(' ').at(-1) ?? '';
      const sameMeta = same('webhook-id') && same('webhook-timestamp');
      return (
        pathOf(sent) === '/webhooks/sms/http' && given.includes(good) && sameMeta && sent.body.equals(origin.signed)
      );
    }
    case 'smsTwilio':
      return sent.url === origin.url && same('x-twilio-signature') && isSameForm(sent.body, origin.signed);
  }
}

const pathOf = ({ url }: Call) => new URL(url, PUBLIC_URL).pathname;
const isSameForm = (a: Buffer, b: Buffer) => a === b || formOf(a) === formOf(b);
/** Twilio signs neither the order of the parameters nor how often one comes with the same value. */
const formOf = (body: Buffer) =>
  JSON.stringify([...new Set([...new URLSearchParams(body.toString())].map((pair) => JSON.stringify(pair)))].sort());

function dataOf(body: Buffer): Buffer | undefined {
  try {
    const { message } = JSON.parse(body.toString()) as { message?: { data?: unknown } };
    return typeof message?.data === 'string' ? Buffer.from(message.data, 'base64') : undefined;
  } catch {
    return undefined;
  }
}

/** True if the workflow accepts the signal (src/workflows/handlers.ts). It drops any other. */
function isTakeable({ payload: { eventId = 'an opt-out needs none', sendTime } }: Recorded): boolean {
  return eventId.length > 0 && eventId.length <= 512 && sendTime.length > 0 && sendTime.length <= 64;
}

/** Says what is wrong with a recorded signal. undefined: a signed event was the reason for it. */
export function faultOf(signal: Recorded, earned: readonly Earned[]): string | undefined {
  if (!isTakeable(signal)) return 'the workflow would drop it';
  const { eventId, sendTime, status, from, source } = signal.payload;
  const match = earned.some(
    (event) =>
      event.name === signal.name &&
      event.status === status &&
      event.from === from &&
      event.source === source &&
      (event.eventId === eventId || typeof event.eventId !== 'string' || !isShort(event.eventId)) &&
      (event.sendTime === sendTime || !isTime(event.sendTime)),
  );
  return match ? undefined : 'no event earned it';
}
const isShort = (text: string) => text.length > 0 && text.length <= 512;
const isTime = (value: unknown) => value === '2026-01-02T03:04:05.678Z' || value === '2026-01-02T03:04:05+02:00';

/** True if the call came in so many chunks that the webhook may refuse it unread. */
export const hasTooManyChunks = ({ body, chunk }: Call): boolean =>
  chunk !== undefined && body.length / chunk > 256 + body.length / 64;

/** True if a signed event may be answered 503. */
export function mayBeUnavailable(earned: readonly Earned[], unavailable: ReadonlySet<string>): boolean {
  return earned.some(({ workflowId }) => unavailable.has(workflowId));
}

/** True if a 2xx for this event means that it is recorded. */
export const mustBeRecorded = ({ workflowId }: Earned): boolean => ['signalled', 'flaky'].includes(fateOf(workflowId));
