import type { Evidence } from '../../src/domain/evidence.js';

/*
 * Questions to the bare list of evidence. The guarantees ask these, not the facts: a referee does not share the decider's
 * reading of the list.
 */

/** The members of the union whose kind is, or may be, K. */
type Of<Member, K> = Member extends { readonly kind: infer Kind }
  ? [Kind & K] extends [never]
    ? never
    : Member
  : never;
export type EvidenceOf<K extends Evidence['kind']> = Of<Evidence, K> & { readonly kind: K };

export function allOf<K extends Evidence['kind']>(evidence: readonly Evidence[], ...kinds: K[]): EvidenceOf<K>[] {
  return evidence.filter((item): item is EvidenceOf<K> => kinds.some((kind) => kind === item.kind));
}

export function lastOf<K extends Evidence['kind']>(
  evidence: readonly Evidence[],
  ...kinds: K[]
): EvidenceOf<K> | undefined {
  return allOf(evidence, ...kinds).at(-1);
}

export function has(evidence: readonly Evidence[], ...kinds: Evidence['kind'][]): boolean {
  return evidence.some(({ kind }) => kinds.includes(kind));
}
