import { createHmac } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { signStandardWebhook, verifiedWebhookId, verifyStandardWebhook } from '../../src/http/standard-webhooks.js';

const secret = `whsec_${Buffer.from('a secret of the tests').toString('base64')}`;
const other = `whsec_${Buffer.from('another secret').toString('base64')}`;
const now = Date.parse('2026-01-02T03:04:05.678Z');
const body = '{"reference":"message-delivery:acme:0b2f6d0e-3c1f-4a57-9d8e-1f3f5a7b9c21","status":"DELIVERED"}';
const headers = signStandardWebhook({ secret, id: 'msg_1', body, timestamp: now });
const signed = { secrets: [secret], headers, body, now };

/** The example of the Standard Webhooks specification's reference implementations. */
const KNOWN = {
  secrets: ['whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'],
  headers: {
    'webhook-id': 'msg_p5jXN8AQM9LWM0D4loKWxJek',
    'webhook-timestamp': '1614265330',
    'webhook-signature': 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
  },
  body: '{"test": 2432232314}',
  now: 1_614_265_330_000,
};

describe('passes', () => {
  test('the known example', () => {
    expect(verifyStandardWebhook(KNOWN)).toBe(true);
  });

  test('the raw bytes as well as their text', () => {
    expect(verifyStandardWebhook(signed)).toBe(true);
    expect(verifyStandardWebhook({ ...signed, body: Buffer.from(body) })).toBe(true);
  });

  test('either secret while rotating', () => {
    expect(verifyStandardWebhook({ ...signed, secrets: [other, secret] })).toBe(true);
    expect(verifyStandardWebhook({ ...signed, secrets: [secret, other] })).toBe(true);
  });

  test('a secret with white space around it, as a file often has', () => {
    expect(verifyStandardWebhook({ ...signed, secrets: [` ${secret}\r\n`] })).toBe(true);
    const padded = signStandardWebhook({ secret: `${secret}\n`, id: 'msg_1', body, timestamp: now });
    expect(padded).toEqual(headers);
  });

  test('one good signature among several, other versions included', () => {
    const foreign = signStandardWebhook({ secret: other, id: 'msg_1', body, timestamp: now })['webhook-signature'];
    const signature = `v1a,abc ${foreign} ${headers['webhook-signature']}`;
    expect(verifyStandardWebhook({ ...signed, headers: { ...headers, 'webhook-signature': signature } })).toBe(true);
  });

  test.each([-300_000, 300_000])('a clock that is %i ms away', (away) => {
    expect(verifyStandardWebhook({ ...signed, now: now + away })).toBe(true);
  });

  test('a body beyond ASCII, a byte order mark included', () => {
    const text = '\uFEFF{"a":"Grüße 👋"}';
    const own = signStandardWebhook({ secret, id: 'msg_1', body: text, timestamp: now });
    expect(verifyStandardWebhook({ ...signed, headers: own, body: Buffer.from(text) })).toBe(true);
  });
});

test('bytes that are not UTF-8 pass under their own signature, and not under that of the text they are read as', () => {
  const bytes = Buffer.from([0xff, 0xfe]);
  const own = { ...headers, 'webhook-signature': signatureOfBytes(bytes) };
  expect(verifyStandardWebhook({ ...signed, headers: own, body: bytes })).toBe(true);
  const text = signStandardWebhook({ secret, id: 'msg_1', body: bytes.toString(), timestamp: now });
  expect(verifyStandardWebhook({ ...signed, headers: text, body: bytes })).toBe(false);
});

function signatureOfBytes(bytes: Uint8Array): string {
  const hmac = createHmac('sha256', 'a secret of the tests').update(`msg_1.${headers['webhook-timestamp']}.`);
  return `v1,${hmac.update(bytes).digest('base64')}`;
}

describe('does not pass', () => {
  const without = (name: string) => ({ headers: { ...headers, [name]: undefined } });
  const withHeader = (name: string, value: string | string[]) => ({ headers: { ...headers, [name]: value } });
  const [, bare = ''] = headers['webhook-signature'].split(',');

  test.each<[string, object]>([
    ['another secret', { secrets: [other] }],
    ['no secret', { secrets: [] }],
    ['another body', { body: `${body} ` }],
    ['other bytes that are not UTF-8', { body: Buffer.from([0xff, 0xfe]) }],
    ['a timestamp too old', { now: now + 301_000 }],
    ['a timestamp too new', { now: now - 301_000 }],
    ['another id', withHeader('webhook-id', 'msg_2')],
    ['another timestamp', withHeader('webhook-timestamp', String(Math.floor(now / 1000) + 1))],
    ['a timestamp that is none', withHeader('webhook-timestamp', 'now')],
    ['a timestamp with a tail', withHeader('webhook-timestamp', `${headers['webhook-timestamp']}x`)],
    ['no version', withHeader('webhook-signature', bare)],
    ['another version', withHeader('webhook-signature', `v2,${bare}`)],
    ['a signature with a tail', withHeader('webhook-signature', `v1,${bare},`)],
    ['an empty signature', withHeader('webhook-signature', '')],
    ['two headers', withHeader('webhook-signature', [headers['webhook-signature'], 'v1,x'])],
    ['no id', without('webhook-id')],
    ['no timestamp', without('webhook-timestamp')],
    ['no signature', without('webhook-signature')],
  ])('%s', (_, change) => {
    expect(verifyStandardWebhook({ ...signed, ...change })).toBe(false);
  });
});

describe('the older names', () => {
  const renamed = (own: Readonly<Record<string, string>>) =>
    Object.fromEntries(Object.entries(own).map(([name, value]) => [name.replace('webhook-', 'svix-'), value]));
  const older = renamed(headers);
  const elsewhere = signStandardWebhook({ secret, id: 'msg_2', body, timestamp: now });
  const forged = { ...headers, 'webhook-id': 'msg_forged' };

  test('pass, and the id is that of the set that was verified', () => {
    const idOf = (own: Readonly<Record<string, string>>) => verifiedWebhookId({ ...signed, headers: own });
    expect(idOf(headers)).toBe('msg_1');
    expect(idOf(older)).toBe('msg_1');
    expect(idOf({ ...forged, ...older })).toBe('msg_1');
    expect(idOf({ ...headers, ...renamed(forged) })).toBe('msg_1');
    expect(idOf({ ...elsewhere, ...older })).toBe('msg_2');
  });

  test('are not mixed with the newer ones', () => {
    for (const name of Object.keys(headers)) {
      const mixed = {
        ...headers,
        [name]: undefined,
        [name.replace('webhook-', 'svix-')]: older[name.replace('webhook-', 'svix-')],
      };
      expect(verifiedWebhookId({ ...signed, headers: mixed })).toBeUndefined();
      const other = { ...older, [name.replace('webhook-', 'svix-')]: undefined, [name]: headers[name as 'webhook-id'] };
      expect(verifiedWebhookId({ ...signed, headers: other })).toBeUndefined();
    }
    expect(verifiedWebhookId({ ...signed, headers: { ...forged, ...renamed(forged) } })).toBeUndefined();
  });
});

test('a malformed secret is a fault of the configuration, not a bad signature', () => {
  expect(() => verifyStandardWebhook({ ...signed, secrets: ['whsec_'] })).toThrow();
});
