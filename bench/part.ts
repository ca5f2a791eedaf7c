import type { Variant } from './bed/variant.js';
import type { Random } from './load/random.js';
import type { Section } from './reporting/section.js';

export const PART_NAMES = ['cost', 'growth', 'herd', 'hanging'] as const;
export type PartName = (typeof PART_NAMES)[number];

/** `quick` is a smoke run, small and once, whose figures mean little. `full` has larger loads and more rounds. */
export type Extent = 'quick' | 'usual' | 'full';

export interface PartContext {
  readonly extent: Extent;
  readonly random: Random;
  /** The variants that a part which compares them runs. */
  readonly variants: readonly Variant[];
  /** Where the workers of `cost` and `herd` write CPU profiles. Default: nowhere. */
  readonly profileDir?: string | undefined;
  /** A line of progress, for a person. */
  readonly say: (line: string) => void;
}

/** Runs one part of the benchmark. */
export type Part = (context: PartContext) => Promise<Section>;
