import fc from 'fast-check';
import { getCountries, getExampleNumber } from 'libphonenumber-js';
import examples from 'libphonenumber-js/mobile/examples';
import { expect, test } from 'vitest';
import { InvalidInputError } from '../../src/client/client-errors.js';
import { normalizeRecipient, toE164 } from '../../src/client/normalize-recipient.js';
import { plainSender } from '../../src/client/pasted-number.js';
import { E164_PATTERN } from '../../src/contract/patterns.js';

test.each([
  ['+15550100001', undefined, '+15550100001'],
  ['+1 (555) 010-0001', undefined, '+15550100001'],
  ['(555) 010-0001', 'US', '+15550100001'],
  ['030 123456', 'DE', '+4930123456'],
  ['0049 30 123456', 'DE', '+4930123456'],
  ['+44 (0) 7911 123456', undefined, '+447911123456'],
  ['+44 07911 123456', undefined, '+447911123456'],
  ['+4407911123456', undefined, '+447911123456'],
  ['01.23.45.67.00', 'FR', '+33123456700'],
  ['0475/12/34/56', 'BE', '+32475123456'],
  ['0170/1234567', 'DE', '+491701234567'],
  ['0211/1234', 'DE', '+492111234'],
  ['91.123.45.67', 'ES', '+34911234567'],
  ['044.123.18.00', 'CH', '+41441231800'],
  ['22.12.34.56', 'NO', '+4722123456'],
  ['(415) 234.0000', 'US', '+14152340000'],
  ['089 / 1234 - 0', 'DE', '+498912340'],
  ['089 1234-12', 'DE', '+4989123412'],
  ['+390612345678', undefined, '+390612345678'],
  ['+2250123456789', undefined, '+2250123456789'],
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
  ['+491701234567.0', undefined],
  ['+491701234567.00', undefined],
  ['+491701234567,0', undefined],
  ['+49 170 1234567.0', undefined],
  ['1701234567.0', 'DE'],
  ["'1701234567.0'", 'DE'],
  ['1701234567\uff0e0', 'DE'],
  ['1,701,234,567.0', 'DE'],
  ['1.701234567E+9', 'DE'],
  ['+49 30 1234567/68', undefined],
  ['030/1234567/68', 'DE'],
  ['030 123 45 67 / 8', 'DE'],
  ['+49 30 1234567 – 9', undefined],
  ['02-1234-5678~9', 'KR'],
  ['192.168.10.25', 'DE'],
  ['127.0.0.1', 'DE'],
  ['10.0.100.200', 'DE'],
  ['2026-12-05', 'DE'],
  ['05.12.2026', 'DE'],
  ['12/05/2026', 'US'],
] as const)('%s (%s) is no number, and the error does not repeat it', (number, country) => {
  const read = () => normalizeRecipient(number, country);
  expect(read).toThrow(InvalidInputError);
  expect(read).toThrow(/^invalid input: recipient: must be a phone number in international form$/);
});

const e164 = fc.stringMatching(E164_PATTERN);

test('no number that went through a decimal is read, whatever its country', () => {
  const decimal = fc.tuple(e164, fc.constantFrom('.0', '.00', '.000000', ',0', '.0 '));
  fc.assert(
    fc.property(decimal, fc.boolean(), ([number, end], isNational) => {
      expect(toE164(`${isNational ? number.slice(1) : number}${end}`, 'DE')).toBeUndefined();
    }),
  );
});

test('every form of a number has one E.164 form, and that form stays', () => {
  fc.assert(
    fc.property(e164, fc.nat(12), (number, at) => {
      // Of several national prefixes, one is left out.
      fc.pre(!/^\+\d{1,4}00/.test(number));
      const normal = normalizeRecipient(number);
      expect(normal).toMatch(E164_PATTERN);
      expect(normalizeRecipient(normal)).toBe(normal);
      const spaced = toE164(`${number.slice(0, at + 2)} ${number.slice(at + 2)}`);
      expect([undefined, normal]).toContain(spaced);
    }),
    { numRuns: 1000 },
  );
});

test.each(getCountries())('the mobile number of the country %s stays as it is', (country) => {
  const { number = '' } = getExampleNumber(country, examples) ?? {};
  expect(normalizeRecipient(number)).toBe(number);
});

test.each(['+551191234567890', '+390612345678901', '+4302767'])(
  '%s stays as it is: the library knows no such length',
  (number) => {
    expect(E164_PATTERN.test(number)).toBe(true);
    expect(normalizeRecipient(number)).toBe(number);
  },
);

test.each(['+491701234567.0', '2026-12-05', '+49 30 1234567/68'])('the sender %s is not made a number', (sender) => {
  expect(plainSender(sender)).toBe(sender);
});
