import { InvalidArgumentError } from 'commander';

/** Reads an option that counts something. Repeats nothing of what was given. */
export function wholeNumber(least: number, most: number) {
  return (given: string): number => {
    const number = /^\d{1,9}$/.test(given) ? Number(given) : Number.NaN;
    if (number >= least && number <= most) return number;
    throw new InvalidArgumentError(`It must be a whole number from ${String(least)} to ${String(most)}.`);
  };
}
