import { stripVTControlCharacters } from 'node:util';

/** Of a table: its cells in order. They may hold colours. */
export type Row = readonly string[];

export const widthOfText = (text: string): number => stripVTControlCharacters(text).length;

const GAP = '  ';

/** Each column as wide as its widest cell. */
export function layOut(rows: readonly Row[]): string[] {
  const widths = widthsOf(rows);
  return rows.map((row) =>
    row
      .map((cell, column) => cell + ' '.repeat((widths[column] ?? 0) - widthOfText(cell)))
      .join(GAP)
      .trimEnd(),
  );
}

export function widthOfTable(rows: readonly Row[]): number {
  return widthsOf(rows).reduce((sum, width, column) => sum + width + (column === 0 ? 0 : GAP.length), 0);
}

const widthsOf = (rows: readonly Row[]): number[] =>
  (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => widthOfText(row[column] ?? ''))));

/** `acme:0b2f6d…7b9c21`: what tells two ids apart stands at both ends. */
export function shortened(text: string, room: number): string {
  if (text.length <= room) return text;
  const tail = Math.floor((room - 1) / 2);
  return `${text.slice(0, room - 1 - tail)}…${text.slice(text.length - tail)}`;
}
