import { createHmac } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { createTwilioReceipts } from '../../src/sms/twilio-receipts.js';
import { verifyTwilioSignature } from '../../src/sms/twilio-signature.js';

const url = 'https://hooks.example.org/webhooks/sms/twilio?reference=message-delivery%3Aacme%3A0b2f6d0e';
const params = { MessageSid: 'SM1', MessageStatus: 'delivered', To: '+15550100001', Body: '' };

/** Twilio "Webhooks security": the URL, then each parameter's name and value, sorted by name. */
function sign(token: string, signedUrl = url, fields: Record<string, string> = params): string {
  const data = Object.keys(fields)
    .sort()
    .reduce((text, key) => text + key + (fields[key] ?? ''), signedUrl);
  return createHmac('sha1', token).update(data).digest('base64');
}

const signed = { authTokens: ['auth-token'], url, params, signature: sign('auth-token') };

test('a token with white space around it checks the same signatures', () => {
  const publicUrl = 'https://hooks.example.org';
  const form = { MessageSid: 'SM1', MessageStatus: 'delivered' };
  const callback = {
    url: '/webhooks/sms/twilio',
    headers: { 'x-twilio-signature': sign('auth-token', `${publicUrl}/webhooks/sms/twilio`, form) },
    body: Buffer.from(new URLSearchParams(form).toString()),
  };
  const read = (token: string) => createTwilioReceipts({ authTokens: [token], publicUrl }).read(callback);
  expect(read(' auth-token\n')).toMatchObject({ kind: 'receipt', status: 'DELIVERED' });
  expect(() => createTwilioReceipts({ authTokens: ['\n'], publicUrl })).toThrow(TypeError);
});

test("Twilio's own published example", () => {
  const example = {
    CallSid: 'CA1234567890ABCDE',
    Caller: '+14158675309',
    Digits: '1234',
    From: '+14158675309',
    To: '+18005551212',
  };
  const given = {
    authTokens: ['12345'],
    url: 'https://mycompany.com/myapp.php?foo=1&bar=2',
    params: example,
    signature: 'RSOYDt4T1cUTdK1PDd93/VVr8B8=',
  };
  expect(verifyTwilioSignature(given)).toBe(true);
});

describe('passes', () => {
  test.each<[string, object]>([
    ['the signature', {}],
    ['either token while rotating', { authTokens: ['new-token', 'auth-token'] }],
    ['the URL with its standard port', { signature: sign('auth-token', url.replace('.org/', '.org:443/')) }],
    [
      'a repeated parameter, whatever its order',
      {
        params: { ...params, List: ['b', 'a'] },
        signature: sign('auth-token', url, { ...params, List: 'aListb' }),
      },
    ],
  ])('%s', (_, change) => {
    expect(verifyTwilioSignature({ ...signed, ...change })).toBe(true);
  });
});

describe('does not pass', () => {
  test.each<[string, object]>([
    ['another token', { authTokens: ['other'] }],
    ['no token', { authTokens: [] }],
    ['an empty token, not even with the signature that fits it', { authTokens: [''], signature: sign('') }],
    ['another parameter', { params: { ...params, MessageStatus: 'failed' } }],
    ['one more parameter', { params: { ...params, More: 'x' } }],
    ['another reference', { url: `${url}x` }],
    ['another path', { url: url.replace('twilio', 'http') }],
    ['no signature', { signature: '' }],
    ['a shorter signature', { signature: signed.signature.slice(1) }],
    ['a URL that is none', { url: 'no url' }],
  ])('%s', (_, change) => {
    expect(verifyTwilioSignature({ ...signed, ...change })).toBe(false);
  });
});
