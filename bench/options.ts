import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { AS_IS, VARIANTS, variantsNamed } from './bed/variants.js';
import type { Variant } from './bed/variant.js';
import { PART_NAMES, type Extent, type PartName } from './part.js';

export interface BenchOptions {
  readonly parts: readonly PartName[];
  readonly variants: readonly Variant[];
  readonly seed: number;
  readonly extent: Extent;
  readonly out: string;
  readonly profile: boolean;
  readonly help: boolean;
}

export const USAGE = `Usage: npm run bench -- [options]

Measures what deliveries cost and how late they get, with a Temporal server, a
worker and a fake of RBM and the SMS gateway as processes of this machine. Takes
about twenty minutes. docs/performance.md explains the figures.

  --only PARTS      some of ${PART_NAMES.join(', ')} (default: all)
  --variants NAMES  what the herd compares: some of
                    ${VARIANTS.map(({ name }) => name).join(', ')},
                    or all (default: all; with --quick: ${AS_IS.name})
  --seed N          makes the same messages again
                    (default: a random one, in the report)
  --quick           a smoke run, under two minutes; its figures mean little
  --full            larger herds, more rounds: about three quarters of an hour
  --out DIR         where report.md, report.json and report.svg go
                    (default: bench/report)
  --profile         also writes CPU profiles of the workers there
                    (only with cost and herd)
  --help            print this text`;

/** Throws an Error for a wrong option. */
export function benchOptions(args: readonly string[]): BenchOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      only: { type: 'string' },
      variants: { type: 'string' },
      seed: { type: 'string' },
      quick: { type: 'boolean' },
      full: { type: 'boolean' },
      out: { type: 'string' },
      profile: { type: 'boolean' },
      help: { type: 'boolean', short: 'h' },
    },
  });
  const { only, variants, seed, quick = false, full = false, profile = false, help = false } = values;
  if (quick && full) throw new Error('--quick and --full exclude each other.');
  return {
    parts: only === undefined ? PART_NAMES : partsNamed(listIn(only)),
    variants: variantsNamed(listIn(variants ?? (quick ? AS_IS.name : 'all'))),
    seed: seed === undefined ? Math.floor(Math.random() * 2 ** 31) : seedIn(seed),
    extent: quick ? 'quick' : full ? 'full' : 'usual',
    out: values.out ?? join('bench', 'report'),
    profile,
    help,
  };
}

const listIn = (text: string) => text.split(',').map((name) => name.trim());

function partsNamed(names: readonly string[]): readonly PartName[] {
  const unknown = names.find((name) => !PART_NAMES.some((part) => part === name));
  if (unknown !== undefined) throw new Error(`--only: ${unknown} is none of ${PART_NAMES.join(', ')}.`);
  return PART_NAMES.filter((part) => names.includes(part));
}

function seedIn(text: string): number {
  if (!/^\d{1,10}$/.test(text)) throw new Error('--seed must be a whole number of up to ten digits.');
  return Number(text);
}
