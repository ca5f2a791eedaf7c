import { createHash } from 'node:crypto';
import type { StartInput } from '../../src/client/start-input.js';
import type { Variant } from './variant.js';

export const AS_IS: Variant = { name: 'as-is', title: 'as it is' };

/** Every variant that `--variants` can name. */
export const VARIANTS: readonly Variant[] = [
  AS_IS,
  {
    name: 'no-late-rule',
    title: 'a late wait is never taken for an outage',
    sources: { 'src/domain/late.ts': 'bench/variants/late-without-restarts.ts' },
  },
  {
    name: 'spread-by-caller',
    title: 'the caller spreads the expiries of promotions over 15 s',
    input: (input) => (input.messageTrafficType === 'PROMOTION' ? spread(input) : input),
  },
];

const SPREAD_MS = 15_000;

/** Always the same for the same message, so that a repeated start is no conflict. */
function spread(input: StartInput): StartInput {
  const share = createHash('sha256').update(input.messageId).digest().readUInt32BE() / 2 ** 32;
  const expiresAt = new Date(input.expireTime ?? '').getTime() + Math.floor(share * SPREAD_MS);
  return { ...input, expireTime: new Date(expiresAt).toISOString() };
}

/** Throws an Error that names the known ones. */
export function variantsNamed(names: readonly string[]): readonly Variant[] {
  if (names.includes('all')) return VARIANTS;
  return names.map((name) => {
    const variant = VARIANTS.find((one) => one.name === name);
    if (variant !== undefined) return variant;
    throw new Error(`--variants: ${name} is none of ${VARIANTS.map((one) => one.name).join(', ')}, all.`);
  });
}
