import { hexDigits, isIn, type CharacterClass } from '../grammar/characters.ts';

/** Whether every percent sign begins an escape: two hexadecimal digits (section 19.1.2). */
export function areEscapesWhole(text: string): boolean {
  for (let at = text.indexOf('%'); at >= 0; at = text.indexOf('%', at + 1)) {
    if (!isIn(hexDigits, text, at + 1) || !isIn(hexDigits, text, at + 2)) {
      return false;
    }
  }
  return true;
}

/**
 * The text that an escaped one stands for, octets as UTF-8. May hold any character, NUL too
 * (RFC 4475, section 3.1.1.4): never make a line or a C string of it.
 */
export function unescapeUri(text: string): string {
  if (!text.includes('%') || !areEscapesWhole(text)) {
    return text;
  }
  const bytes: number[] = [];
  const source = Buffer.from(text, 'utf8');
  for (let at = 0; at < source.length; at += 1) {
    const isEscape = source[at] === percent;
    bytes.push(isEscape ? hexAt(source, at + 1) : (source[at] ?? 0));
    at += isEscape ? 2 : 0;
  }
  return Buffer.from(bytes).toString('utf8');
}

const percent = 0x25;

function hexAt(source: Buffer, at: number): number {
  return Number.parseInt(source.toString('latin1', at, at + 2), 16);
}

/** The text with every octet that is not in the class as an escape; the percent sign always. */
export function escapeUri(text: string, allowed: CharacterClass): string {
  let escaped = '';
  for (const octet of Buffer.from(text, 'utf8')) {
    const isPlain = octet !== percent && allowed[octet] === 1;
    escaped += isPlain ? String.fromCharCode(octet) : escapeOf(octet);
  }
  return escaped;
}

function escapeOf(octet: number): string {
  return `%${octet.toString(16).toUpperCase().padStart(2, '0')}`;
}
