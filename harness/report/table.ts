/** Columns of text that line up. Colours do not count for the width. */
import { stripVTControlCharacters } from 'node:util';

export function table(rows: string[][], gap = '  '): string[] {
  const columns = Math.max(...rows.map((row) => row.length));
  const widths = Array.from({ length: columns }, (_, i) => Math.max(...rows.map((row) => visible(row[i] ?? ''))));
  return rows.map((row) =>
    row
      .map((cell, i) => (i === row.length - 1 ? cell : cell + ' '.repeat((widths[i] as number) - visible(cell))))
      .join(gap)
      .trimEnd(),
  );
}

function visible(cell: string): number {
  return [...stripVTControlCharacters(cell)].length;
}
