import type { StartInput } from '../../src/client/start-input.js';
import type { Variant } from './variant.js';

export const AS_IS: Variant = { name: 'as-is', title: 'as it is' };

const isPromotion = ({ messageTrafficType }: StartInput) => messageTrafficType === 'PROMOTION';

/** Every variant that `--variants` can name: as it is, and with one feature switched off at a time. */
export const VARIANTS: readonly Variant[] = [
  AS_IS,
  {
    name: 'one-queue',
    title: 'promotions on the task queue of all others',
    onPlainQueue: isPromotion,
  },
  {
    name: 'no-spread',
    title: 'promotions are not spread',
    input: (input) => (isPromotion(input) ? { ...input, revocation: { ...input.revocation, spread: '0s' } } : input),
  },
  {
    name: 'late-is-outage',
    title: 'every late wait counts as an outage, and waits for 15 minutes',
    sources: { 'src/domain/late.ts': 'bench/variants/late-as-an-outage.ts' },
  },
];

/** Throws an Error that names the known ones. */
export function variantsNamed(names: readonly string[]): readonly Variant[] {
  if (names.includes('all')) return VARIANTS;
  return names.map((name) => {
    const variant = VARIANTS.find((one) => one.name === name);
    if (variant !== undefined) return variant;
    throw new Error(`--variants: ${name} is none of ${VARIANTS.map((one) => one.name).join(', ')}, all.`);
  });
}
