import fc from 'fast-check';
import { expect, test } from 'vitest';
import { InvalidInputError } from '../../src/client/client-errors.js';
import { normalizeRecipient } from '../../src/client/normalize-recipient.js';
import { E164_PATTERN } from '../../src/contract/patterns.js';

test.each([
  ['+15550100001', undefined, '+15550100001'],
  ['+1 (555) 010-0001', undefined, '+15550100001'],
  ['(555) 010-0001', 'US', '+15550100001'],
  ['030 123456', 'DE', '+4930123456'],
  ['0049 30 123456', 'DE', '+4930123456'],
  ['+44 (0) 7911 123456', undefined, '+447911123456'],
] as const)('%s (%s) is %s', (number, country, normal) => {
  expect(normalizeRecipient(number, country)).toBe(normal);
});

test.each([
  '\u202a+1 555 010 0001\u202c',
  '\u200e+15550100001\u200f',
  '\u2066+1\u00a0555\u202f010\u20070001\u2069',
  '\ufeff+1\u200b555\u200d0100001',
  '+1\u2060555\u00ad0100001\u061c',
  '+1\u2010555\u2011010\u20130001',
  '+1\u2212555\u2014010\ufe630001',
  '＋１（５５５）０１０－０００１',
  '+١٥٥٥٠١٠٠٠٠١',
  'tel:+1-555-010-0001',
  'TEL:+1(555)010.0001',
  'tel:5550100001;phone-context=+1',
  "'+15550100001",
  '"+15550100001"',
  '“+1 555 010 0001”',
  '<tel:+15550100001>',
  ' +15550100001\r\n',
  '(+1) 555 010 0001',
  '%2B15550100001',
  'tel: +1 555 010 0001',
  'tel:+15550100001;phone-context=+1',
  'sms:+15550100001',
  'whatsapp:+15550100001',
  '+15550100001,',
  '+15550100001;',
  '„+15550100001“',
  '‹+15550100001›',
  '[+15550100001]',
  '`+15550100001`',
  '+1·555•010·0001',
])('as people paste it: %j', (number) => {
  expect(normalizeRecipient(number)).toBe('+15550100001');
});

test('invisible marks anywhere change nothing', () => {
  const mark = fc.constantFrom(
    '\u200e',
    '\u200f',
    '\u202a',
    '\u202c',
    '\u2066',
    '\u2069',
    '\u200b',
    '\u200d',
    '\ufeff',
    '\u00ad',
  );
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat(12), mark), { maxLength: 8 }), (marks) => {
      let number = '+15550100001';
      for (const [at, one] of marks) number = number.slice(0, at) + one + number.slice(at);
      expect(normalizeRecipient(number)).toBe('+15550100001');
    }),
  );
});

test.each([
  ['0049 30 123456', undefined],
  ['00 1 555 010 0001', undefined],
  ['15550100001', undefined],
  ['+1 555 010 0001 x5', undefined],
  ['tel:+15550100001;ext=5', undefined],
  ['+1 555 010 0001,5', undefined],
  ['+15550100001¹', undefined],
  ['+49 30 123456²', undefined],
  ['+4930123456\t7', undefined],
  ['+4930123456\n7', undefined],
  ['+15550100001\0', undefined],
  ['+15550100001/+15550100002', undefined],
  ['++15550100001', undefined],
  ['sip:+15550100001@acme.example', undefined],
  ['+1-800-FLOWERS', undefined],
  ['\u202e10000105551+', undefined],
  ['030 123456', undefined],
  ['', 'DE'],
  ['12', 'DE'],
  ['call +15550100001 now', undefined],
  ['+15550100001 ext. 5', undefined],
  ['+999123456789', undefined],
] as const)('%s (%s) is no number, and the error does not repeat it', (number, country) => {
  const read = () => normalizeRecipient(number, country);
  expect(read).toThrow(InvalidInputError);
  expect(read).toThrow(/^invalid input: recipient: must be a phone number in international form$/);
});

test('returns an E.164 number unchanged', () => {
  fc.assert(
    fc.property(fc.stringMatching(/^\+(?:1|44|49)\d{7,10}$/), (number) => {
      fc.pre(E164_PATTERN.test(number));
      expect(normalizeRecipient(number)).toBe(number);
    }),
  );
});
