import fc from 'fast-check';
import { expect, test } from 'vitest';
import { redactText } from '../../src/observability/redact.js';
import { receiptId, usableId } from '../../src/sms/message-id.js';

const TO = '+15550100001';

test.each(['sms-1', '7', `SM${'0'.repeat(32)}`, '0b2f6d0e-3c1f-4a57-9d8e-123456789012', 'a:b/c=', 'x'.repeat(128)])(
  'keeps %s',
  (id) => {
    expect(usableId(id, TO)).toBe(id);
  },
);

test.each([
  ['nothing', ''],
  ['a text', 'Your code'],
  ['two lines', 'sms\n1'],
  ['other letters', 'smsé'],
  ['a long one', 'x'.repeat(129)],
  ['a number', '+447700900123'],
  ['a number without its plus', '447700900123'],
  ['a secret', `whsec_${'A'.repeat(32)}`],
  ['the number in it', 'sms-15550100001-x'],
  ['the number with dashes in it', 'sms_555-010-0001'],
])('does not keep %s', (_, id) => {
  expect(usableId(id, TO)).toBe('');
});

test('keeps only what is short, printable and harmless, whatever comes', () => {
  const digits = fc.stringMatching(/^[+0-9a-z_-]{0,40}$/);
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.string({ unit: 'binary' }), digits), (id) => {
      const kept = usableId(id, TO);
      expect(['', id]).toContain(kept);
      expect(kept).toMatch(/^[!-~]{0,128}$/);
      expect(redactText(kept)).toBe(kept);
      expect(kept.replace(/\D/g, '')).not.toContain('5550100001');
      expect(receiptId(id)).not.toBe('');
    }),
  );
});
