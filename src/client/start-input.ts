import { types } from 'node:util';
import { isObject, type Problem } from '../contract/check.js';
import { msToDuration, SECOND } from '../contract/duration.js';
import { checkInput, type MessageDeliveryInput } from '../contract/input.js';
import { MAX_TTL_MS } from '../contract/rbm.js';
import { InvalidInputError } from './client-errors.js';
import { toE164, type CountryCode } from './normalize-recipient.js';
import { plainSender } from './pasted-number.js';

/** A delivery's input. `recipient` may be any usual phone number, and `expireTime` a Date. */
export type StartInput = Omit<MessageDeliveryInput, 'expireTime'> & {
  readonly expireTime?: string | Date | undefined;
  /** The `ttl` as a number of seconds, whole or not, instead of a text such as `'60s'`. Up to 15 days. */
  readonly ttlSeconds?: number | undefined;
};

export interface CheckedStart {
  readonly input: MessageDeliveryInput;
  /** The expireTime has passed: nothing may be started any more, but the message may have been started before. */
  readonly tooLate?: InvalidInputError;
}

/** The workflow's input. Throws an {@link InvalidInputError}. `defaultCountry` is used for national phone numbers. */
export function checkedStart(given: StartInput, defaultCountry: CountryCode | undefined): CheckedStart {
  const { recipient, expireTime, ttlSeconds, ...rest } = given;
  const seconds = ttlSeconds ?? undefined;
  const wrongSeconds = problemOfSeconds(given);
  const input = {
    ...rest,
    // A caller without types may pass anything. The check names what is wrong.
    recipient: typeof recipient === 'string' ? (toE164(recipient, defaultCountry) ?? recipient) : recipient,
    expireTime: expireTime === undefined ? undefined : toTimestamp(expireTime),
    ...withPlainSender(given),
    ...(seconds !== undefined && { ttl: wrongSeconds === undefined ? secondsToDuration(seconds) : undefined }),
  };
  const check = checkInput(input, Date.now());
  const problems = check.ok ? [] : check.problems;
  if (wrongSeconds !== undefined)
    throw new InvalidInputError([...problems.filter(({ field }) => field !== 'ttl'), wrongSeconds]);
  if (check.ok) return { input: check.input };
  const error = new InvalidInputError(problems);
  const inTime = checkInput(input, justBefore(input.expireTime));
  if (inTime.ok) return { input: inTime.input, tooLate: error };
  throw error;
}

/** A caller without types may pass anything. */
function withPlainSender({ fallback }: { readonly fallback?: unknown }): object {
  const sms = isObject(fallback) ? fallback['sms'] : undefined;
  const sender = isObject(sms) ? sms['sender'] : undefined;
  if (!isObject(fallback) || !isObject(sms) || typeof sender !== 'string') return {};
  return { fallback: { ...fallback, sms: { ...sms, sender: plainSender(sender) } } };
}

const justBefore = (time: unknown): number =>
  typeof time === 'string' ? Math.min(Date.now(), Date.parse(time) - SECOND) : Date.now();

/** A caller without types may pass anything, also null for what is absent. */
function problemOfSeconds({ ttl, ttlSeconds, expireTime }: StartInput): Problem | undefined {
  if ((ttlSeconds ?? undefined) === undefined) return undefined;
  const wrong = (problem: string): Problem => ({ field: 'ttlSeconds', problem });
  if ((ttl ?? undefined) !== undefined) return wrong('must not be given beside ttl');
  if ((expireTime ?? undefined) !== undefined) return wrong('must not be given beside expireTime');
  const most = MAX_TTL_MS / SECOND;
  const valid = typeof ttlSeconds === 'number' && ttlSeconds > 0 && ttlSeconds <= most;
  return valid ? undefined : wrong(`must be a number of seconds, more than 0 and at most ${String(most)}`);
}

/** In milliseconds: the workflow's clock knows nothing shorter. */
const secondsToDuration = (seconds: number): string => msToDuration(Math.max(1, Math.round(seconds * SECOND)));

/** RFC 3339. An invalid Date becomes a text that every check refuses. A caller without types may pass anything. */
export function toTimestamp(time: string | Date): string {
  if (!types.isDate(time)) return time;
  return Number.isNaN(time.getTime()) ? 'invalid' : time.toISOString();
}
