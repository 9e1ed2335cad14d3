import { isUtf8 } from 'node:buffer';
import { isToken } from '../grammar/characters.ts';
import type { HeaderField } from '../header-field.ts';
import { headerKey } from '../header-names.ts';
import type { Fault } from '../message.ts';

/** What a head holds before it is known to be a request or a response. */
export type Head = {
  readonly startLine: string;
  readonly headers: readonly HeaderField[];
  readonly faults: readonly Fault[];
};

type Reading = {
  readonly headers: HeaderField[];
  readonly faults: Fault[];
  readonly headerCountMax: number;
  /** Whether the text is one character an octet, because the head as a whole is not UTF-8. */
  readonly isLatin1: boolean;
};

/** The octets of a head up to its empty line, as start line and fields. */
export function readHead(bytes: Buffer, headerCountMax: number): Head {
  const isLatin1 = !isUtf8(bytes);
  const text = bytes.toString(isLatin1 ? 'latin1' : 'utf8');
  const reading: Reading = { headers: [], faults: [], headerCountMax, isLatin1 };
  const end = endOfLine(text, 0);
  const startLine = lineOf(text, 0, end, reading);
  readFields(text, end + 1, reading);
  return { startLine, headers: reading.headers, faults: reading.faults };
}

/** Reads the field lines from a place on; each line is looked at once. */
function readFields(text: string, from: number, reading: Reading): void {
  let at = from;
  while (at < text.length) {
    const end = endOfFolded(text, at);
    const line = lineOf(text, at, end, reading);
    at = end + 1;
    if (line === '') {
      // The empty line, which only the end of a head holds, or one too early.
      if (at < text.length) {
        addFault(reading, 'An empty line stands within the header');
      }
    } else if (reading.headers.length >= reading.headerCountMax) {
      addFault(reading, 'There are too many header fields');
      return;
    } else {
      readField(line, reading);
    }
  }
}

function readField(line: string, reading: Reading): void {
  const colon = line.indexOf(':');
  // White space before the colon is allowed (RFC 3261, section 25.1, HCOLON).
  const name = trimmed(line.slice(0, Math.max(colon, 0)));
  if (!isToken(name) || isSpace(line, 0)) {
    addFault(reading, 'A line of the header is no header field');
    return;
  }
  const value = trimmed(line.slice(colon + 1));
  reading.headers.push(fieldOf(name, value, reading.isLatin1));
}

function fieldOf(name: string, value: string, isLatin1: boolean): HeaderField {
  const key = headerKey(name);
  if (!isLatin1) {
    return { name, key, value };
  }
  const bytes = Buffer.from(value, 'latin1');
  return isUtf8(bytes)
    ? { name, key, value: bytes.toString('utf8') }
    : { name, key, value, encoding: 'latin1' };
}

/** A line without its end, folded lines joined by one space each (section 7.3.1). */
function lineOf(text: string, from: number, end: number, reading: Reading): string {
  const line = text.slice(from, end);
  if (!line.includes('\n')) {
    return withoutReturn(line, reading);
  }
  const pieces = line.split('\n').map((piece) => withoutReturn(piece, reading));
  return pieces.map((piece, index) => (index === 0 ? trimmedEnd(piece) : trimmed(piece))).join(' ');
}

/** Takes the CR off the end of a line; anywhere else it is a fault, and becomes a space. */
function withoutReturn(line: string, reading: Reading): string {
  const at = line.indexOf('\r');
  if (at >= 0 && at === line.length - 1) {
    return line.slice(0, -1);
  }
  addFault(reading, 'A line of the header does not end with CR and LF');
  return line.replaceAll('\r', ' ');
}

function addFault(reading: Reading, why: string): void {
  // One fault of a kind is enough to answer, and keeps a hostile message's list short.
  if (!reading.faults.some((fault) => fault.why === why)) {
    reading.faults.push({ where: 'headers', why, status: 400 });
  }
}

/** The place of the LF that ends the line, or the end of the text. */
function endOfLine(text: string, from: number): number {
  const end = text.indexOf('\n', from);
  return end < 0 ? text.length : end;
}

/** As `endOfLine`, with the lines that begin with white space and so belong to it. */
function endOfFolded(text: string, from: number): number {
  let end = endOfLine(text, from);
  while (end < text.length && isSpace(text, end + 1)) {
    end = endOfLine(text, end + 1);
  }
  return end;
}

function isSpace(text: string, at: number): boolean {
  const code = text.charCodeAt(at);
  return code === 32 || code === 9;
}

/** Without spaces and tabs around it: `trim` takes more, and values are kept verbatim. */
function trimmed(text: string): string {
  let from = 0;
  while (isSpace(text, from)) {
    from += 1;
  }
  return trimmedEnd(text.slice(from));
}

function trimmedEnd(text: string): string {
  let end = text.length;
  while (isSpace(text, end - 1)) {
    end -= 1;
  }
  return text.slice(0, end);
}
