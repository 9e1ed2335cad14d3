import { cut } from './wrap.ts';

/** Home; erase to the end of the line; erase to the end of the screen (ECMA-48, 8.3.21 to 41). */
const home = '\u001b[H';
const eraseLine = '\u001b[K';
const eraseBelow = '\u001b[J';

/**
 * One screen over the one before, line by line, so that nothing flickers; never a line or row more
 * than there is room for, or the terminal would scroll.
 */
export function redraw(
  lines: readonly string[],
  { columns, rows }: { readonly columns: number; readonly rows: number },
): string {
  // A line that fills the last column leaves the cursor in it, and erasing would take that letter.
  const width = Math.max(1, columns - 1);
  const room = Math.max(1, rows - 1);
  const hidden = lines.length - room;
  const last = `… ${hidden + 1} more lines; a taller window shows them`;
  const shown = hidden > 0 ? [...lines.slice(0, room - 1), last] : lines;
  return home + shown.map((line) => `${cut(line, width)}${eraseLine}\n`).join('') + eraseBelow;
}
