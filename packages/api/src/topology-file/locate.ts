import { type Document, isMap, isNode, isScalar, isSeq, type LineCounter, type Pair } from 'yaml';
import { placeOf } from './read-yaml.ts';

type Path = readonly PropertyKey[];

/** Finds where a path of the topology stands in its file. */
export class Locator {
  readonly #document: Document.Parsed;
  readonly #lines: LineCounter;

  constructor(document: Document.Parsed, lines: LineCounter) {
    this.#document = document;
    this.#lines = lines;
  }

  /** The value at `path`, or the nearest thing around it that the file has. */
  value(path: Path): { line: number; column: number } {
    return this.#place(this.#walk(path));
  }

  /** The key of the last part of `path`. */
  key(path: Path): { line: number; column: number } {
    const last = path.at(-1);
    const around = this.#walk(path.slice(0, -1));
    const pair = isMap(around) ? findPair(around.items as Pair[], last) : undefined;
    return this.#place(pair?.key ?? around);
  }

  #walk(path: Path): unknown {
    let node: unknown = this.#document.contents;
    for (const part of path) {
      const inner = step(node, part);
      // An empty value (`sites:`) has no place of its own; what is around it has.
      if (!isNode(inner)) return node;
      node = inner;
    }
    return node;
  }

  #place(node: unknown): { line: number; column: number } {
    return placeOf(this.#lines, isNode(node) ? (node.range?.[0] ?? 0) : 0);
  }
}

function step(node: unknown, part: PropertyKey): unknown {
  if (isMap(node)) return findPair(node.items as Pair[], part)?.value;
  if (isSeq(node) && typeof part === 'number') return node.items[part];
  return undefined;
}

/** The last of repeated keys is the one that counts in the value. */
function findPair(items: readonly Pair[], key: PropertyKey | undefined): Pair | undefined {
  return items.findLast((pair) => isScalar(pair.key) && pair.key.value === key);
}
