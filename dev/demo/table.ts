import { cut, widthOf } from '../terminal/text.js';

const GAP = '  ';

/** A table as text. Columns are as wide as their widest cell; if that is too much, the column `flexible` is cut. */
export function table(
  head: readonly string[],
  rows: readonly (readonly string[])[],
  { columns, flexible }: { readonly columns: number; readonly flexible: number },
): string {
  const natural = head.map((_, column) => Math.max(...[head, ...rows].map((row) => widthOf(row[column] ?? ''))));
  const excess = natural.reduce((sum, width) => sum + width, GAP.length * (head.length - 1)) - columns;
  const widths = natural.map((width, column) =>
    column === flexible ? Math.max(1, width - Math.max(0, excess)) : width,
  );
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, column) => cut(cell, widths[column] ?? 0).padEnd(widths[column] ?? 0))
      .join(GAP)
      .trimEnd();
  return [line(head), line(widths.map((width) => '─'.repeat(width))), ...rows.map(line)].join('\n');
}
