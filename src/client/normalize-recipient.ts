import { parsePhoneNumberFromString, type CountryCode } from 'libphonenumber-js';
import { E164_PATTERN } from '../contract/patterns.js';
import { InvalidInputError } from './client-errors.js';
import { isNoSingleNumber, plainNumber } from './pasted-number.js';

export type { CountryCode };

/**
 * The E.164 form of a phone number, also of one that was pasted with invisible marks or as a `tel:` link. `defaultCountry`
 * (ISO 3166-1 alpha-2, such as `DE`) is used for national numbers, and for `00` in place of `+`, which not every country
 * has. Checks the length but not the number range, since new ranges open faster than a library learns them. Refuses
 * decimals, dates and two numbers in one. Throws an {@link InvalidInputError} about `recipient`.
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
  const plain = plainNumber(number);
  const parsed = isNoSingleNumber(plain)
    ? undefined
    : parsePhoneNumberFromString(plain, { extract: false, ...(defaultCountry && { defaultCountry }) });
  const isRead = parsed?.isPossible() === true && parsed.ext === undefined && E164_PATTERN.test(parsed.number);
  if (isRead) return parsed.number;
  // The library may not know a new country calling code or a new length.
  return E164_PATTERN.test(number) ? number : undefined;
}
