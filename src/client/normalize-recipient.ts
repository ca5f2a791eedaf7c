import { parsePhoneNumberFromString, type CountryCode } from 'libphonenumber-js';
import { E164_PATTERN } from '../contract/patterns.js';
import { InvalidInputError } from './client-errors.js';

export type { CountryCode };

/**
 * A phone number as people write it → E.164. `defaultCountry` (ISO 3166-1 alpha-2, such as `DE`) reads national numbers.
 * Judges a number by its length, not by its range: ranges open faster than a library knows. What is E.164 already stays
 * as it is. Throws an {@link InvalidInputError} about `recipient`.
 */
export function normalizeRecipient(number: string, defaultCountry?: CountryCode): string {
  const normal = toE164(number, defaultCountry);
  if (normal === undefined) {
    throw new InvalidInputError([{ field: 'recipient', problem: 'must be a phone number in international form' }]);
  }
  return normal;
}

/** The same, undefined where there is no such number. */
export function toE164(number: string, defaultCountry?: CountryCode): string | undefined {
  if (E164_PATTERN.test(number)) return number;
  const parsed = parsePhoneNumberFromString(number, { extract: false, ...(defaultCountry && { defaultCountry }) });
  return parsed?.isPossible() === true && parsed.ext === undefined ? parsed.number : undefined;
}
