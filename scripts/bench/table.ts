/** A table of what is not a matter of speed: rows are behaviours, columns are who was tried, each cell was observed. */
export interface Table {
  id: string;
  title: string;
  columns: string[];
  rows: { name: string; cells: { seen: string; good: boolean }[] }[];
}

export function renderTable({ title, columns, rows }: Table): string {
  const head = ['', ...columns];
  const body = rows.map(({ name, cells }) => [name, ...cells.map(({ seen, good }) => `${good ? '✓' : '✗'} ${seen}`)]);
  const widths = head.map((_, i) => Math.max(...[head, ...body].map((row) => row[i]!.length)));
  const line = (row: string[]) => `  ${row.map((cell, i) => cell.padEnd(widths[i]!)).join('  ')}`.trimEnd();
  return [`\n${title}`, line(head), line(widths.map((width) => '─'.repeat(width))), ...body.map(line)].join('\n');
}
