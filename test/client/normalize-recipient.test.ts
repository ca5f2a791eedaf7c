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
