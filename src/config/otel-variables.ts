import { bareValue } from '../contract/bare-value.js';
import type { Environment } from './read-environment.js';

/**
 * Reads OpenTelemetry's variables as its specification says: an empty one is unset, the case of a word does not matter,
 * and a value that can't be used is reported and counts as unset. A warning never holds a value, which may be a secret.
 */
export interface OtelVariables {
  /** What was wrong with the variables that were read. */
  readonly warnings: readonly string[];
  readonly warn: (name: string, text: string) => void;
  /** The first variable that is set, with its value. White space and quotes around it are dropped. */
  readonly find: (...names: readonly string[]) => { readonly name: string; readonly value: string } | undefined;
  readonly text: (...names: readonly string[]) => string | undefined;
  /** One of `known`, all lower case. */
  readonly word: <Word extends string>(known: readonly Word[], ...names: readonly string[]) => Word | undefined;
  /** A whole number of at least `least`. */
  readonly count: (least: number, ...names: readonly string[]) => number | undefined;
  /** The words of a comma-separated list, in lower case. Undefined if it has none. */
  readonly list: (name: string) => readonly string[] | undefined;
}

/** The largest delay of a timer in milliseconds. No count needs to be larger either. */
const LARGEST = 2 ** 31 - 1;

export function otelVariables(environment: Environment): OtelVariables {
  const warnings: string[] = [];
  const warn: OtelVariables['warn'] = (name, text) => warnings.push(`${name} ${text}`);
  const find: OtelVariables['find'] = (...names) => {
    for (const name of names) {
      const value = bareValue(environment[name] ?? '');
      if (value !== '') return { name, value };
    }
    return undefined;
  };
  return {
    warnings,
    warn,
    find,
    text: (...names) => find(...names)?.value,
    word: (known, ...names) => {
      const found = find(...names);
      if (found === undefined) return undefined;
      const word = known.find((one) => one === found.value.toLowerCase());
      if (word === undefined) warn(found.name, `is ignored: it must be one of ${known.join(', ')}`);
      return word;
    },
    count: (least, ...names) => {
      const found = find(...names);
      if (found === undefined) return undefined;
      const count = /^\d{1,10}$/.test(found.value) ? Number(found.value) : -1;
      if (count >= least && count <= LARGEST) return count;
      warn(found.name, `is ignored: it must be a whole number from ${String(least)} to 2^31-1`);
      return undefined;
    },
    list: (name) => {
      const words = (find(name)?.value ?? '').split(',').map((word) => word.trim().toLowerCase());
      const given = words.filter((word) => word !== '');
      return given.length === 0 ? undefined : given;
    },
  };
}
