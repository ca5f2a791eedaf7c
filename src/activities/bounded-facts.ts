import type { FormerFact } from '../contract/former-run.js';
import { ttlExpirationRevokedSignal, ttlExpirationRevokeFailedSignal } from '../contract/messages.js';

/** Of each group at most this many facts remain, so that all together stay well below the 1 MB of a result. */
const MOST_OF_A_GROUP = { signal: 50, update: 50, cancelRequested: 1, activity: 120, completed: 50 } as const;

/** The facts in the order of time, without repetitions. Of very many of a kind, the latest. */
export function bounded(facts: readonly FormerFact[]): FormerFact[] {
  const inOrder = facts.toSorted((one, other) => byText(timeOf(one), timeOf(other)));
  const seen = new Set<string>();
  const distinct = inOrder.filter((fact) => {
    const said = contentOf(fact);
    return said === undefined || (!seen.has(said) && seen.add(said));
  });
  const counts = new Map<string, number>();
  const kept = distinct.toReversed().filter((fact) => {
    const group = groupOf(fact);
    const count = (counts.get(group) ?? 0) + 1;
    counts.set(group, count);
    return count <= MOST_OF_A_GROUP[fact.kind];
  });
  return kept.toReversed();
}

/** All times are in UTC and equally precise, so the order of the texts is that of the times. */
const byText = (one: string, other: string) => (one < other ? -1 : Number(one > other));

const timeOf = (fact: FormerFact): string =>
  fact.kind === 'activity' ? (fact.endTime ?? fact.scheduledTime) : fact.time;

const groupOf = (fact: FormerFact): string => {
  if (fact.kind === 'activity') return `activity ${fact.type}`;
  return 'name' in fact ? `${fact.kind} ${fact.name}` : fact.kind;
};

const TTL: readonly string[] = [ttlExpirationRevokedSignal.name, ttlExpirationRevokeFailedSignal.name];

/**
 * What a fact says, if it may be repeated: two signals with the same content are one piece of evidence
 * (src/domain/new-evidence.ts). Undefined for other facts.
 */
function contentOf(fact: FormerFact): string | undefined {
  if (fact.kind === 'cancelRequested') return fact.kind;
  if (fact.kind !== 'signal') return undefined;
  const { eventId, from, status, source } = fact.payload;
  return JSON.stringify([fact.name, from, status, source, TTL.includes(fact.name) && eventId]);
}
