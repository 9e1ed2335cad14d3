/** One mistake in a topology file. Lines and columns count from 1. */
export type Mistake = {
  readonly line: number;
  readonly column: number;
  /** What is wrong. */
  readonly what: string;
  /** What would be right. */
  readonly todo: string;
};

export type Mistakes = {
  readonly fileName: string;
  readonly mistakes: readonly Mistake[];
};

/** Mistakes beyond these are counted, not shown: nobody reads the thousandth. */
export const mistakesMax = 100;
const wordsMax = 240;

/** All mistakes as lines that editors and terminals can jump to. */
export function showMistakes({ fileName, mistakes }: Mistakes): string {
  const shown = mistakes.slice(0, mistakesMax).map(({ line, column, what, todo }) => {
    return `${fileName}:${line}:${column}: ${cut(what)}; ${cut(todo)}`;
  });
  const more = mistakes.length - shown.length;
  return [...shown, ...(more > 0 ? [`${fileName}: and ${more} more`] : [])].join('\n');
}

/** A topology file with mistakes, before anything was done with it; the message names them all. */
export class TopologyMistakesError extends Error {
  override readonly name = 'TopologyMistakesError';
  readonly fileName: string;
  readonly mistakes: readonly Mistake[];

  constructor(found: Mistakes) {
    super(showMistakes(found));
    this.fileName = found.fileName;
    this.mistakes = found.mistakes;
  }
}

/** Mistakes in the order of the file, each said once. */
export function sortMistakes(mistakes: readonly Mistake[]): readonly Mistake[] {
  const said = new Set<string>();
  return mistakes
    .map((mistake) => ({ ...mistake, what: cut(mistake.what), todo: cut(mistake.todo) }))
    .filter(({ line, column, what }) => {
      const key = `${line}:${column}:${what}`;
      return !said.has(key) && said.add(key);
    })
    .toSorted((a, b) => a.line - b.line || a.column - b.column);
}

/** What a file says may be long or hold escape codes that a terminal would obey. */
function cut(words: string): string {
  const printable = words.replace(/[\p{Cc}\u2028\u2029]+/gu, ' ');
  return printable.length > wordsMax ? `${printable.slice(0, wordsMax)}…` : printable;
}
