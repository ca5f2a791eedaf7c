/** A figure that was measured several times: the median, and how far the others are from it. */
export interface Spread {
  readonly median: number;
  readonly min: number;
  readonly max: number;
}

/** Throws a RangeError for an empty list. */
export function spreadOf(values: readonly number[]): Spread {
  return { median: quantile(values, 0.5), min: quantile(values, 0), max: quantile(values, 1) };
}

/** The value below which this share (0 to 1) of the values lies, between two values by interpolation. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((one, other) => one - other);
  const position = share * (sorted.length - 1);
  const [below, above] = [sorted[Math.floor(position)], sorted[Math.ceil(position)]];
  if (below === undefined || above === undefined) throw new RangeError('there is no value');
  return below + (above - below) * (position % 1);
}

/** How late things were, in milliseconds. `missing`: how many never came in the measured time. */
export interface Lateness {
  readonly count: number;
  readonly missing: number;
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
}

/** Undefined stands for something that never came. The quantiles are NaN if nothing came. */
export function latenessOf(values: readonly (number | undefined)[]): Lateness {
  const came = values.filter((value) => value !== undefined);
  const missing = values.length - came.length;
  if (came.length === 0) return { count: 0, missing, p50: NaN, p99: NaN, max: NaN };
  return { count: came.length, missing, p50: quantile(came, 0.5), p99: quantile(came, 0.99), max: quantile(came, 1) };
}
