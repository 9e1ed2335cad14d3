import {
  type Document,
  isAlias,
  isMap,
  isNode,
  isScalar,
  LineCounter,
  type Node,
  type Pair,
  parseDocument,
  visit,
} from 'yaml';
import { checkText } from './check-text.ts';
import type { Mistake } from './mistake.ts';

/** A YAML text as a tree with places. */
export type YamlRead = {
  readonly document: Document.Parsed | undefined;
  readonly lines: LineCounter;
  /** The text is not YAML: what the tree says is guesswork from here on. */
  readonly brokenAt: Mistake | undefined;
  readonly mistakes: readonly Mistake[];
};

/** Reads a YAML text of any kind, also a hostile one; never throws. */
export function readYaml(text: string): YamlRead {
  const lines = new LineCounter();
  const unreadable = checkText(text, lines);
  if (unreadable !== undefined) {
    return { document: undefined, lines, brokenAt: unreadable, mistakes: [unreadable] };
  }
  const document = parseDocument(text, {
    schema: 'core',
    prettyErrors: false,
    // The library compares each key with all before it; findStructureMistakes does it by a set.
    uniqueKeys: false,
  });
  const syntax = [...document.errors, ...document.warnings].map(({ message, pos, code }) => ({
    ...placeOf(lines, pos[0]),
    what: whatByCode[code] ?? message,
    todo: todoByCode[code] ?? 'see the YAML around here: indentation, quotes, colons',
  }));
  const brokenAt = syntax[0];
  const structure = brokenAt === undefined ? findStructureMistakes(document, lines) : [];
  return { document, lines, brokenAt, mistakes: [...syntax, ...structure] };
}

/** Line and column of an offset, both from 1. */
export function placeOf(lines: LineCounter, offset: number): { line: number; column: number } {
  const { line, col } = lines.linePos(offset);
  return { line: Math.max(1, line), column: Math.max(1, col) };
}

/** Where the library's own words are for its callers. */
const whatByCode: Readonly<Record<string, string>> = {
  MULTIPLE_DOCS: 'a second document begins here',
};

const todoByCode: Readonly<Record<string, string>> = {
  TAB_AS_INDENT: 'indent with spaces',
  MULTIPLE_DOCS: 'keep one document in the file: remove the line of three hyphens',
  TAG_RESOLVE_FAILED: 'remove the tag (!…): a topology needs none',
  BAD_DIRECTIVE: 'remove the directive (%…): a topology needs none',
  BLOCK_AS_IMPLICIT_KEY: 'put the inner key on a line of its own, or quote the value',
  BAD_INDENT: 'indent lines of one list or mapping alike',
};

/** Aliases, merge keys, tags, odd keys and keys given twice: what a topology never needs. */
function findStructureMistakes(document: Document.Parsed, lines: LineCounter): readonly Mistake[] {
  const mistakes: Mistake[] = [];
  const add = (node: unknown, what: string, todo: string) => {
    const offset = isNode(node) ? (node.range?.[0] ?? 0) : 0;
    mistakes.push({ ...placeOf(lines, offset), what, todo });
  };
  visit(document, {
    Node: (_, node) => {
      if (isAlias(node)) add(node, `\`*${node.source}\` is an alias`, 'write the value out here');
      else if (hasAnchor(node)) add(node, 'this value has an anchor (&…)', 'remove the anchor');
    },
    Map: (_, map) => {
      const seen = new Set<unknown>();
      for (const { key } of map.items as Pair[]) {
        if (!isScalar(key) || typeof key.value !== 'string') {
          add(key, 'a key has to be a word', 'write one word before the colon');
        } else if (seen.has(key.value)) {
          add(key, `\`${key.value}\` is given twice`, 'keep one of them');
        } else seen.add(key.value);
      }
    },
  });
  return mistakes;
}

function hasAnchor(node: Node): boolean {
  return 'anchor' in node && node.anchor !== undefined && node.anchor !== '';
}

/** The tree as plain data; aliases are null, which is a mistake already. Never throws. */
export function plainValue(node: unknown): unknown {
  if (isScalar(node)) return node.value;
  if (isMap(node)) return plainMap(node.items as Pair[]);
  if (typeof node === 'object' && node !== null && 'items' in node && Array.isArray(node.items)) {
    return node.items.map(plainValue);
  }
  return null;
}

function plainMap(items: readonly Pair[]): unknown {
  const map = Object.create(null) as Record<string, unknown>;
  for (const { key, value } of items) {
    if (isScalar(key) && typeof key.value === 'string') map[key.value] = plainValue(value);
  }
  return map;
}
