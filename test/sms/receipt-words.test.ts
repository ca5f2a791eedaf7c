import fc from 'fast-check';
import { expect, test } from 'vitest';
import { HTTP_STATUSES, readStatus, TWILIO_STATUSES } from '../../src/sms/receipt-words.js';

const TABLES = [
  ['twilio', TWILIO_STATUSES],
  ['http', HTTP_STATUSES],
] as const;

test.each(TABLES)('%s: every word is understood in whatever letters, and with spaces around it', (_, words) => {
  for (const [word, meaning] of Object.entries(words)) {
    const status = meaning === 'open' ? undefined : meaning;
    for (const given of [word, word.toUpperCase(), ` ${word}\n`, word.replace('_', ' '), word.replace('_', '-')])
      expect(readStatus(words, given)).toEqual({ status, word });
  }
});

test.each(TABLES)('%s: any other word is unknown, and not passed on', (_, words) => {
  const other = fc.oneof(fc.string(), fc.constantFrom('toString', '__proto__', 'constructor', '+15550100001'));
  fc.assert(
    fc.property(other, (given) => {
      const { word, status, unknownStatus } = readStatus(words, given);
      if (Object.hasOwn(words, word)) return;
      expect({ word, status, unknownStatus }).toEqual({ word: 'unknown', status: undefined, unknownStatus: given });
    }),
  );
});
