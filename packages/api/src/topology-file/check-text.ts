import { CST, Lexer, type LineCounter } from 'yaml';
import type { Mistake } from './mistake.ts';

// What must hold of a text before the YAML library builds a tree of it. The library recurses into
// nested values: a text of 100,000 opening brackets exhausts the stack, and V8 then ends the whole
// process when a regular expression is compiled there. The lexer does not recurse.

/** A dozen pools take some 6 kB. */
export const topologyTextMax = 128 * 1024;

const flowDepthMax = 32;
/** Block values nest by at least one column each, so this bounds their depth. */
const blockColumnMax = 120;

/** Why the text cannot be read at all; undefined when it can be parsed safely. */
export function checkText(text: string, lines: LineCounter): Mistake | undefined {
  if (text.length > topologyTextMax) {
    return {
      line: 1,
      column: 1,
      what: `the file has ${text.length} characters`,
      todo: `a topology file has at most ${topologyTextMax}`,
    };
  }
  markLines(text, lines);
  // Tab, line feed and carriage return are YAML's; the rest is not printable (YAML 1.2.2, 5.1).
  const control = text.search(/(?![\t\n\r])\p{Cc}/u);
  if (control >= 0) {
    const code = text.charCodeAt(control).toString(16).padStart(2, '0');
    return at(control, lines, `a control character (0x${code}) stands here`, 'remove it');
  }
  const deep = findTooDeep(text);
  if (deep === undefined) return undefined;
  return at(deep, lines, 'values are nested too deeply', 'a topology needs six levels at most');
}

function at(offset: number, lines: LineCounter, what: string, todo: string): Mistake {
  const { line, col } = lines.linePos(offset);
  return { line, column: Math.max(1, col), what, todo };
}

function markLines(text: string, lines: LineCounter): void {
  lines.lineStarts = [0];
  for (let index = text.indexOf('\n'); index >= 0; index = text.indexOf('\n', index + 1)) {
    lines.addNewLine(index + 1);
  }
}

/** Lexer tokens that are marks of the lexer's own and not in the text. */
const marks: readonly string[] = [CST.DOCUMENT, CST.FLOW_END, CST.SCALAR];
const indicators = new Set(['seq-item-ind', 'explicit-key-ind', 'map-value-ind']);

function findTooDeep(text: string): number | undefined {
  let depth = 0;
  let offset = 0;
  let lineStart = 0;
  for (const token of new Lexer().lex(text)) {
    const type = CST.tokenType(token) ?? '';
    if (type === 'flow-seq-start' || type === 'flow-map-start') depth += 1;
    if (type === 'flow-seq-end' || type === 'flow-map-end') depth -= 1;
    if (depth > flowDepthMax) return offset;
    const isBlock = depth <= 0 && indicators.has(type);
    if (isBlock && offset - lineStart > blockColumnMax) return offset;
    if (marks.includes(token)) continue;
    const newLine = token.lastIndexOf('\n');
    if (newLine >= 0) lineStart = offset + newLine + 1;
    offset += token.length;
  }
  return undefined;
}
