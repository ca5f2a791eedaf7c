import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';
import type { OptOutRow } from '../client/delivery-opt-outs.js';
import { isObject } from '../contract/check.js';
import { isBlank, printable } from '../contract/texts.js';
import { textIn } from './byte-order-mark.js';

/** A row of an import, with its line in the file, from 1. The client checks the fields. */
export type NumberedRow = OptOutRow & { readonly line: number };

const FIELDS = ['agentId', 'recipient', 'sendTime', 'source', 'channel', 'eventId'] as const;
type Field = (typeof FIELDS)[number];
const isField = (name: string): name is Field => FIELDS.some((field) => field === name);
/** A column's name as it is known, written in any case. */
const columnOf = (name: string): string => FIELDS.find((field) => field.toLowerCase() === name.toLowerCase()) ?? name;

/**
 * Reads the rows of an import. A line is a JSON object, or values separated by commas. A first line that names columns says
 * which value is what. Otherwise they are recipient, sendTime and source; without a `defaultAgent`, agentId comes before
 * those. Empty lines are left out. A line that can't be read becomes a row whose fields the client refuses. `onLeftOut` gets
 * the names of columns that are not known.
 */
export async function* readRows(
  input: Readable,
  defaultAgent: string | undefined,
  onLeftOut: (columns: readonly string[]) => void = () => undefined,
): AsyncGenerator<NumberedRow, void, undefined> {
  let columns: readonly string[] = [
    ...(defaultAgent === undefined ? ['agentId'] : []),
    'recipient',
    'sendTime',
    'source',
  ];
  let line = 0;
  let isFirst = true;
  for await (const text of createInterface({ input: Readable.from(textIn(input)), crlfDelay: Infinity })) {
    line += 1;
    const trimmed = text.trim();
    if (trimmed === '') continue;
    const values = trimmed.startsWith('{') ? undefined : valuesOf(trimmed);
    const names = isFirst ? values?.map(columnOf) : undefined;
    const head = names !== undefined && namesColumns(names) ? names : undefined;
    isFirst = false;
    if (head !== undefined) {
      columns = head;
      const leftOut = head.filter((name) => !isField(name));
      if (leftOut.length > 0) onLeftOut(leftOut.map(printable));
      continue;
    }
    const fields = values === undefined ? parsed(trimmed) : named(columns, values);
    const known = Object.entries(fields)
      .filter(([name, value]) => isField(name) && !isAbsent(value))
      .map(([name, value]) => [
        name,
        name === 'channel' && typeof value === 'string' ? value.trim().toLowerCase() : value,
      ]);
    yield { agentId: defaultAgent ?? '', recipient: '', ...Object.fromEntries(known), line };
  }
}

/** A blank value is none: a row without a source has the default one. */
const isAbsent = (value: unknown): boolean => value === null || (typeof value === 'string' && isBlank(value));

function parsed(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : {};
  } catch {
    return {};
  }
}

/** A row of data has a number in it, even if its source is the name of a column. */
const namesColumns = (values: readonly string[]) => values.some(isField) && !values.some((value) => /\d/.test(value));

/** Nothing for a line with more values than columns: nobody knows what they mean. */
function named(columns: readonly string[], values: readonly string[]): Readonly<Record<string, unknown>> {
  if (values.slice(columns.length).some((value) => value !== '')) return {};
  return Object.fromEntries(values.map((value, index) => [columns[index] ?? '', value]));
}

/** The values of one line. In double quotes a value may hold commas, and `""` for a quote. */
function valuesOf(line: string): string[] {
  return [...line.matchAll(/\s*(?:"((?:[^"]|"")*)"|([^,]*))\s*(?:,|$)/g)]
    .slice(0, -1)
    .map(([, quoted, plain = '']) => quoted?.replaceAll('""', '"') ?? plain.trim());
}
