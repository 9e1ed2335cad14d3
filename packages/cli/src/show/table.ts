/** Rows as columns of text, two spaces apart; the last column is cut to the screen's width. */
export function table(
  rows: readonly (readonly string[])[],
  columns = Number.POSITIVE_INFINITY,
): readonly string[] {
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

/** The text, with `…` where it had to be cut. */
export function cut(text: string, columns: number): string {
  return text.length <= columns ? text : `${text.slice(0, Math.max(0, columns - 1))}…`;
}
