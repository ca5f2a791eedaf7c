import { msToDuration } from '../contract/duration.js';
import { checkInput, type MessageDeliveryInput } from '../contract/input.js';
import { InvalidInputError } from './client-errors.js';
import { toE164, type CountryCode } from './normalize-recipient.js';

/** A delivery's input. `recipient` may be any usual phone number, `expireTime` a Date, and `ttl` milliseconds. */
export type StartInput = Omit<MessageDeliveryInput, 'expireTime' | 'ttl'> & {
  readonly expireTime?: string | Date | undefined;
  readonly ttl?: string | number | undefined;
};

/** The workflow's input. Throws an {@link InvalidInputError}. `defaultCountry` is used for national phone numbers. */
export function deliveryInputOf(given: StartInput, defaultCountry: CountryCode | undefined): MessageDeliveryInput {
  const { recipient, expireTime, ttl, ...rest } = given;
  const check = checkInput(
    {
      ...rest,
      // A caller without types may pass anything. The check names what is wrong.
      recipient: typeof recipient === 'string' ? (toE164(recipient, defaultCountry) ?? recipient) : recipient,
      ...(expireTime !== undefined && { expireTime: toTimestamp(expireTime) }),
      ...(ttl !== undefined && { ttl: typeof ttl === 'number' ? msToDuration(ttl) : ttl }),
    },
    Date.now(),
  );
  if (!check.ok) throw new InvalidInputError(check.problems);
  return check.input;
}

/** RFC 3339. An invalid Date becomes a text that every check refuses. */
export function toTimestamp(time: string | Date): string {
  if (typeof time === 'string') return time;
  return Number.isNaN(time.getTime()) ? 'invalid' : time.toISOString();
}
