import { isIn, type CharacterClass } from './characters.ts';

/** A place in a text, moved forward by whoever reads; never back, so that reading is linear. */
export type Cursor = { readonly text: string; at: number };

/** A cursor at the beginning of a text. */
export function cursorOn(text: string): Cursor {
  return { text, at: 0 };
}

export function isAtEnd(cursor: Cursor): boolean {
  return cursor.at >= cursor.text.length;
}

/** Moves over spaces and tabs: `SWS`, folding being gone by then. */
export function skipSpace(cursor: Cursor): void {
  let code = cursor.text.charCodeAt(cursor.at);
  while (code === 32 || code === 9) {
    cursor.at += 1;
    code = cursor.text.charCodeAt(cursor.at);
  }
}

/** Moves over one character if it stands here. */
export function take(cursor: Cursor, character: string): boolean {
  const isHere = cursor.text[cursor.at] === character;
  cursor.at += isHere ? 1 : 0;
  return isHere;
}

/** Moves over one separator with the white space around it, as `SEMI`, `EQUAL`, `COLON`. */
export function takeSeparator(cursor: Cursor, character: string): boolean {
  const before = cursor.at;
  skipSpace(cursor);
  if (!take(cursor, character)) {
    cursor.at = before;
    return false;
  }
  skipSpace(cursor);
  return true;
}

/** Moves over all characters of a class; empty when none stands here. */
export function takeAll(cursor: Cursor, characters: CharacterClass): string {
  const from = cursor.at;
  while (isIn(characters, cursor.text, cursor.at)) {
    cursor.at += 1;
  }
  return cursor.text.slice(from, cursor.at);
}

/**
 * Moves over a quoted string (RFC 3261, section 25.1) and gives it with its quotes; undefined, and
 * nothing moved, where none begins or where it does not end.
 */
export function takeQuoted(cursor: Cursor): string | undefined {
  const { text, at } = cursor;
  const end = text[at] === '"' ? endOfQuoted(text, at) : -1;
  if (end < 0) {
    return undefined;
  }
  cursor.at = end;
  return text.slice(at, end);
}

/** The place after the closing quote of a quoted string that opens at `from`; -1 without one. */
export function endOfQuoted(text: string, from: number): number {
  for (let at = from + 1; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === 34) {
      return at + 1;
    }
    // A quoted-pair: the next character is only itself.
    at += code === 92 ? 1 : 0;
  }
  return -1;
}
