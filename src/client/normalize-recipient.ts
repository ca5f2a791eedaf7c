import { parsePhoneNumberFromString, type CountryCode } from 'libphonenumber-js';
import { E164_PATTERN } from '../contract/patterns.js';
import { InvalidInputError } from './client-errors.js';
import { plainNumber } from './pasted-number.js';

export type { CountryCode };

/**
 * The E.164 form of a phone number, also of one that was pasted with invisible marks or as a `tel:` link. `defaultCountry`
 * (ISO 3166-1 alpha-2, such as `DE`) is used for national numbers, and for `00` in place of `+`, which not every country
 * has. Checks the length but not the number range, since new ranges open faster than a library learns them. An E.164 number
 * stays as it is. Throws an {@link InvalidInputError} about `recipient`.
 */
export function normalizeRecipient(number: string, defaultCountry?: CountryCode): string {
  const normal = toE164(number, defaultCountry);
  if (normal === undefined) {
    throw new InvalidInputError([{ field: 'recipient', problem: 'must be a phone number in international form' }]);
  }
  return normal;
}

/** As {@link normalizeRecipient}, but undefined if the text is no phone number. */
export function toE164(number: string, defaultCountry?: CountryCode): string | undefined {
  if (E164_PATTERN.test(number)) return number;
  const parsed = parsePhoneNumberFromString(plainNumber(number), {
    extract: false,
    ...(defaultCountry && { defaultCountry }),
  });
  return parsed?.isPossible() === true && parsed.ext === undefined ? parsed.number : undefined;
}
