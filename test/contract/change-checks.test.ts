import { expect, test } from 'vitest';
import { whyInvalidChangeExpiry, whyInvalidRevokeNow } from '../../src/contract/change-checks.js';
import type { MessageDeliveryInput } from '../../src/contract/input.js';
import type { ChangeExpiryInput, RevokeNowInput } from '../../src/contract/messages.js';

const input: MessageDeliveryInput = {
  agentId: 'acme',
  messageId: '0b2f6d0e-3c1f-4a57-9d8e-1f3f5a7b9c21',
  recipient: '+15550100001',
  contentMessage: { text: 'x' },
  ttl: '60s',
};
const withSms = { ...input, fallback: { sms: { text: 'x' } } };
const NOW = Date.parse('2026-12-01T12:00:00Z');

test.each([undefined, null, 'x', 1, []])(
  'an argument that is no object is invalid, and breaks nothing: %j',
  (change) => {
    expect(whyInvalidRevokeNow(change as unknown as RevokeNowInput, input)).toMatch(/object/);
    expect(whyInvalidChangeExpiry(change as unknown as ChangeExpiryInput, NOW)).toMatch(/object/);
  },
);

test('revokeNow needs a reason and a fallback, and an SMS if it asks for one', () => {
  const change = { reason: 'wrong price', fallback: 'sms' } as const;
  expect(whyInvalidRevokeNow(change, withSms)).toBeUndefined();
  expect(whyInvalidRevokeNow(change, input)).toBe('fallback: this delivery has no SMS');
  expect(whyInvalidRevokeNow({ ...change, fallback: 'none' }, input)).toBeUndefined();
  expect(whyInvalidRevokeNow({ fallback: 'none' } as RevokeNowInput, input)).toMatch(/reason/);
});

test('changeExpiry needs a time in the next 15 days', () => {
  const at = (expireTime: string) => whyInvalidChangeExpiry({ expireTime }, NOW);
  expect(at('2026-12-01T13:00:00Z')).toBeUndefined();
  expect(at('2026-12-01T12:00:00Z')).toBe('expireTime: must be in the future');
  expect(at('2026-12-16T12:00:01Z')).toBe('expireTime: must be within 15 days');
  expect(at('tomorrow')).toMatch(/RFC 3339/);
});
