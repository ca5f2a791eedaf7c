import type { DeliveryId } from '../contract/ids.js';

/** The fewest characters of a messageId that commands accept in place of the whole, and that lists show. */
const SHORTEST = 8;

/**
 * `acme:0b2f6d0e` for each delivery: as many characters of the messageId as tell it from the other deliveries here. Others
 * may begin like it, so a command asks Temporal whether it is unique.
 */
export function uniqueBeginnings(deliveries: readonly DeliveryId[]): string[] {
  const whole = deliveries.map(({ agentId, messageId }) => `${agentId}:${messageId}`);
  const sorted = [...new Set(whole)].sort();
  const inCommon = (one: string, other: string | undefined) => {
    let length = 0;
    while (length < one.length && one[length] === other?.[length]) length += 1;
    return length;
  };
  const needed = new Map(
    sorted.map((one, at) => [one, Math.max(inCommon(one, sorted[at - 1]), inCommon(one, sorted[at + 1])) + 1]),
  );
  return whole.map((one) => one.slice(0, Math.max(one.indexOf(':') + 1 + SHORTEST, needed.get(one) ?? one.length)));
}
