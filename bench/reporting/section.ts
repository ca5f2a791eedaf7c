/** What one part of the benchmark has found out, for all forms of the report. */
export interface Section {
  readonly title: string;
  readonly tables: readonly Table[];
  readonly charts: readonly Chart[];
  /** Every figure, for programs. */
  readonly figures: unknown;
}

export interface PartReport extends Section {
  /** How many cores other programs used meanwhile. Undefined on a machine without /proc. */
  readonly otherPrograms: number | undefined;
}

export interface Table {
  readonly title: string;
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/** Horizontal bars with a common scale. */
export interface Chart {
  readonly title: string;
  /** Such as `ms`; follows each value. */
  readonly unit: string;
  readonly bars: readonly Bar[];
}

export interface Bar {
  readonly label: string;
  readonly value: number;
  /** Drawn as a line across the end of the bar. */
  readonly min?: number;
  readonly max?: number;
}
