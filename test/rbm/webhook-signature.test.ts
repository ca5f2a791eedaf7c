import { createHmac } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { sharesToken, verifyRbmSignature } from '../../src/rbm/webhook-signature.js';

// A synthetic vector, computed apart from this code: an HMAC-SHA512 over these very bytes.
const CLIENT_TOKEN = 'test-client-token';
const DATA = Buffer.from(
  '{"agentId":"demo-agent@rbm.goog","senderPhoneNumber":"+15550100001","eventType":"DELIVERED","eventId":"evt-1","messageId":"0b2f6d0e-3c1f-4a57-9d8e-1f3f5a7b9c21","sendTime":"2026-01-02T03:04:05.678Z"}',
);
const SIGNATURE = 'ZnjhsfuqTizrgkEZHfqDi9lfXlEMxMeRLXdm/JVFC3ibHOfRBnR5y8BWLPQQovtror2jTe7tpZYeXoWeGTeeGw==';
const vector = { clientTokens: [CLIENT_TOKEN], data: DATA, signature: SIGNATURE };

describe('X-Goog-Signature', () => {
  test('the known vector', () => {
    expect(verifyRbmSignature(vector)).toBe(true);
  });

  test.each([
    ['current', [CLIENT_TOKEN, 'old-token']],
    ['being rotated out', ['new-token', 'newer-token', CLIENT_TOKEN]],
  ])('a token that is %s', (_, clientTokens) => {
    expect(verifyRbmSignature({ ...vector, clientTokens })).toBe(true);
  });

  test('a token with white space around it, as a file often has', () => {
    expect(verifyRbmSignature({ ...vector, clientTokens: [` ${CLIENT_TOKEN}\r\n`] })).toBe(true);
    expect(sharesToken({ clientTokens: [`${CLIENT_TOKEN}\n`], clientToken: CLIENT_TOKEN })).toBe(true);
    const signature = createHmac('sha512', '').update(DATA).digest('base64');
    expect(verifyRbmSignature({ clientTokens: ['\n'], data: DATA, signature })).toBe(false);
  });

  test.each([
    ['no signature', { signature: '' }],
    ['a short one', { signature: SIGNATURE.slice(0, -4) }],
    ['a longer one', { signature: `${SIGNATURE}AA` }],
    ['hex', { signature: Buffer.from(SIGNATURE, 'base64').toString('hex') }],
    ['the URL-safe alphabet', { signature: SIGNATURE.replaceAll('/', '_') }],
    ['characters beyond ASCII', { signature: 'é'.repeat(44) }],
    ['another token', { clientTokens: ['other-token'] }],
    ['no token', { clientTokens: [] }],
    ['re-serialized data', { data: Buffer.from(JSON.stringify(JSON.parse(DATA.toString()), null, 2)) }],
    ['the base64 text in place of the bytes', { data: Buffer.from(DATA.toString('base64')) }],
    ['no data', { data: Buffer.alloc(0) }],
  ])('%s does not pass', (_, change) => {
    expect(verifyRbmSignature({ ...vector, ...change })).toBe(false);
  });

  test('an empty token lets nobody in, not even with the signature that fits it', () => {
    const signature = createHmac('sha512', '').update(DATA).digest('base64');
    expect(verifyRbmSignature({ clientTokens: [''], data: DATA, signature })).toBe(false);
  });

  test('any change of a byte is noticed', () => {
    const at = fc.integer({ min: 0, max: DATA.length - 1 });
    const bits = fc.integer({ min: 1, max: 255 });
    fc.assert(
      fc.property(at, bits, (index, mask) => {
        const data = Buffer.from(DATA);
        data.writeUInt8(data.readUInt8(index) ^ mask, index);
        expect(verifyRbmSignature({ ...vector, data })).toBe(false);
      }),
    );
  });
});

describe('the clientToken of a handshake', () => {
  test.each([
    [['a-token'], 'a-token', true],
    [['new', 'old'], 'old', true],
    [['a-token'], 'a-toke', false],
    [['a-token'], '', false],
    [[''], '', false],
    [[], 'a-token', false],
  ])('of %o, %o: %s', (clientTokens, clientToken, expected) => {
    expect(sharesToken({ clientTokens, clientToken })).toBe(expected);
  });
});
