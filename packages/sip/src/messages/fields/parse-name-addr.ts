import { isIn, isVisibleAscii, tokenCharacters } from '../grammar/characters.ts';
import { type Cursor, cursorOn, skipSpace, takeQuoted } from '../grammar/cursor.ts';
import { quote, unquote } from '../grammar/quoted-string.ts';
import { readParameters, writeParameters } from '../grammar/read-parameters.ts';
import { SipBuildError } from '../header-field.ts';
import { parseUri } from '../uri/parse-uri.ts';
import { writeUri } from '../uri/write-uri.ts';
import type { NameAddr } from './name-addr.ts';

/** One value of From, To, Contact, Route and their like; undefined when it is malformed. */
export function parseNameAddr(text: string): NameAddr | undefined {
  const cursor = cursorOn(text);
  skipSpace(cursor);
  const isQuoted = text[cursor.at] === '"';
  const bracket = isQuoted ? cursor.at : bracketBefore(text, ';');
  if (bracket < 0) {
    return readBare(cursor);
  }
  const displayName = isQuoted ? readQuotedName(cursor) : readTokens(cursor, bracket);
  return displayName === undefined ? undefined : readBracketed(cursor, displayName);
}

/** A bracket behind the first semicolon is a parameter's: `sip:a@b;+sip.instance="<urn:…>"`. */
function bracketBefore(text: string, end: string): number {
  const bracket = text.indexOf('<');
  const stop = text.indexOf(end);
  return stop >= 0 && stop < bracket ? -1 : bracket;
}

function readQuotedName(cursor: Cursor): string | undefined {
  const quoted = takeQuoted(cursor);
  skipSpace(cursor);
  return quoted === undefined ? undefined : unquote(quoted);
}

/**
 * `*( token LWS )` before the bracket. Letters beyond ASCII are taken as well: they belong into
 * quotes, but phones send them without, and they cannot be mistaken for anything else.
 */
function readTokens(cursor: Cursor, end: number): string | undefined {
  const name = cursor.text.slice(cursor.at, end).trim();
  for (let at = 0; at < name.length; at += 1) {
    const code = name.charCodeAt(at);
    const isAllowed = isIn(tokenCharacters, name, at) || code === 32 || code === 9 || code > 127;
    if (!isAllowed) {
      return undefined;
    }
  }
  cursor.at = end;
  return name;
}

function readBracketed(cursor: Cursor, displayName: string): NameAddr | undefined {
  const { text, at } = cursor;
  const close = text.indexOf('>', at);
  if (text[at] !== '<' || close < 0) {
    return undefined;
  }
  cursor.at = close + 1;
  const uri = parseUri(text.slice(at + 1, close));
  const parameters = readParameters(trimmedEnd(cursor));
  if (uri === undefined || parameters === undefined) {
    return undefined;
  }
  return displayName === '' ? { uri, parameters } : { displayName, uri, parameters };
}

/**
 * `addr-spec` without brackets: what follows a semicolon belongs to the header field, and a comma
 * or question mark in the URI asks for brackets (RFC 3261, section 20).
 */
function readBare(cursor: Cursor): NameAddr | undefined {
  const { text, at } = cursor;
  const semicolon = text.indexOf(';', at);
  const end = semicolon < 0 ? text.length : semicolon;
  const address = text.slice(at, end).trim();
  cursor.at = end;
  const uri = address.includes('?') || address.includes(',') ? undefined : parseUri(address);
  const parameters = readParameters(trimmedEnd(cursor));
  return uri === undefined || parameters === undefined ? undefined : { uri, parameters };
}

function trimmedEnd(cursor: Cursor): Cursor {
  return { text: cursor.text.trimEnd(), at: cursor.at };
}

/**
 * The value as it is sent: always in brackets, so that nothing of the URI leaks out of it. Throws
 * `SipBuildError` on a URI that would end its brackets; `buildSipUri` escapes what it is made of.
 */
export function writeNameAddr({ displayName, uri, parameters }: NameAddr): string {
  const name = displayName === undefined ? '' : `${quote(displayName)} `;
  const address = writeUri(uri);
  if (!isVisibleAscii(address) || address.includes('>')) {
    const shown = JSON.stringify(address.slice(0, 60));
    throw new SipBuildError(`sip address: ${shown} would end its brackets; escape it`);
  }
  return `${name}<${address}>${writeParameters(parameters)}`;
}
