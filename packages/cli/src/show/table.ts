import { cut, wrap } from './wrap.ts';

/** Below this a table's last columns, where the reasons are, would not be seen at all. */
const narrowColumns = 70;

/**
 * Rows as columns of text, two spaces apart; the last column is cut to the screen's width. On a
 * narrow screen each row is a paragraph that names its columns.
 */
export function table(
  rows: readonly (readonly string[])[],
  columns = Number.POSITIVE_INFINITY,
): readonly string[] {
  if (columns < narrowColumns) return paragraphs(rows, columns);
  const widths = columnWidths(rows);
  return rows.map((row) => {
    const line = row.map((cell, at) => cell.padEnd(widths[at] ?? 0)).join('  ');
    return cut(line.trimEnd(), columns);
  });
}

function columnWidths(rows: readonly (readonly string[])[]): readonly number[] {
  const widths: number[] = [];
  for (const row of rows) {
    for (const [at, cell] of row.entries()) widths[at] = Math.max(widths[at] ?? 0, cell.length);
  }
  return widths;
}

function paragraphs(rows: readonly (readonly string[])[], columns: number): readonly string[] {
  const [head = [], ...others] = rows;
  let first = '';
  return others.flatMap((row) => {
    first = row[0] || first; // An empty cell goes on with the one above it.
    const cells = row.map((cell, at) => [head[at]?.toLowerCase() ?? '', at === 0 ? first : cell]);
    const known = cells.filter(([, cell]) => cell !== '' && cell !== '-');
    return wrap(known.map((pair) => pair.join(' ')).join(', '), columns, '  ');
  });
}
