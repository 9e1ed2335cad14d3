import {
  isAllOf,
  isIn,
  isVisibleAscii,
  schemeCharacters,
  schemeStart,
  telCharacters,
  uriHeaderCharacters,
  uriParameterCharacters,
  userCharacters,
} from '../grammar/characters.ts';
import { cursorOn } from '../grammar/cursor.ts';
import { readHostPort } from '../grammar/read-host.ts';
import type { Parameter, Parameters } from '../parameters.ts';
import { areEscapesWhole } from './escaping.ts';
import type { SipUri, TelUri, Uri, UriHeader } from './uri.ts';

/**
 * The URI that a text is (RFC 3261, section 19.1; RFC 3966; RFC 3986 for the rest), without the
 * angle brackets around it; undefined when it is none. No white space is skipped.
 */
export function parseUri(text: string): Uri | undefined {
  const colon = text.indexOf(':');
  const scheme = text.slice(0, Math.max(colon, 0)).toLowerCase();
  if (!isIn(schemeStart, scheme, 0) || !isAllOf(schemeCharacters, scheme)) {
    return undefined;
  }
  const rest = text.slice(colon + 1);
  if (!isVisibleAscii(rest) || hasDelimiter(rest)) {
    return undefined;
  }
  return readers.get(scheme)?.(rest) ?? readOther(scheme, rest);
}

/** The `sip:` or `sips:` URI that a text is; undefined when it is none or of another scheme. */
export function parseSipUri(text: string): SipUri | undefined {
  const uri = parseUri(text);
  return uri?.kind === 'sip' ? uri : undefined;
}

const readers = new Map<string, (rest: string) => Uri | undefined>([
  ['sip', (rest) => readSip('sip', rest)],
  ['sips', (rest) => readSip('sips', rest)],
  ['tel', readTel],
]);

function readOther(scheme: string, opaque: string): Uri | undefined {
  return readers.has(scheme) ? undefined : { kind: 'other', scheme, opaque };
}

function hasDelimiter(text: string): boolean {
  return text.includes('<') || text.includes('>') || text.includes('"');
}

function readSip(scheme: 'sip' | 'sips', rest: string): SipUri | undefined {
  // An @ in user or parameters is escaped (section 19.1.2), so the only one ends the user.
  const at = rest.indexOf('@');
  const uri = readAddress(scheme, rest.slice(at + 1));
  const isWhole = uri !== undefined && (at < 0 || readUserinfo(rest.slice(0, at), uri));
  return isWhole ? uri : undefined;
}

/** A URI while it is read: filled in place, which is several times as fast as spreading parts. */
type Draft = { -readonly [Part in keyof SipUri]: SipUri[Part] };

/** Fills in user and password; false when they are malformed. */
function readUserinfo(text: string, draft: Draft): boolean {
  const colon = text.indexOf(':');
  const user = colon < 0 ? text : text.slice(0, colon);
  draft.user = user;
  if (colon < 0) {
    return isEscaped(user, userCharacters);
  }
  const password = text.slice(colon + 1);
  draft.password = password;
  // The grammar allows an empty password.
  const isPasswordWell = password === '' || isEscaped(password, userCharacters);
  return isPasswordWell && isEscaped(user, userCharacters);
}

function readAddress(scheme: 'sip' | 'sips', text: string): Draft | undefined {
  const cursor = cursorOn(text);
  const hostPort = readHostPort(cursor);
  const question = text.indexOf('?', cursor.at);
  const end = question < 0 ? text.length : question;
  const parameters = readUriParameters(text.slice(cursor.at, end), uriParameterCharacters);
  const headers = question < 0 ? [] : readUriHeaders(text.slice(question + 1));
  if (hostPort === undefined || parameters === undefined || headers === undefined) {
    return undefined;
  }
  const draft: Draft = { kind: 'sip', scheme, host: hostPort.host, parameters, headers };
  if (hostPort.port !== undefined) {
    draft.port = hostPort.port;
  }
  return draft;
}

function readTel(rest: string): TelUri | undefined {
  const semicolon = rest.indexOf(';');
  const number = semicolon < 0 ? rest : rest.slice(0, semicolon);
  const parameters = readUriParameters(rest.slice(number.length), uriParameterCharacters);
  if (!isAllOf(telCharacters, number) || parameters === undefined) {
    return undefined;
  }
  return { kind: 'tel', scheme: 'tel', number, parameters };
}

/** `*( ";" name [ "=" value ] )`, each part of the class and whole in its escapes. */
function readUriParameters(text: string, allowed: Uint8Array): Parameters | undefined {
  if (text === '') {
    return [];
  }
  const pieces = text.split(';');
  if (pieces.shift() !== '') {
    return undefined;
  }
  const parameters = pieces.map((piece) => readPair(piece, allowed));
  return parameters.includes(undefined) ? undefined : (parameters as Parameter[]);
}

function readPair(text: string, allowed: Uint8Array): Parameter | undefined {
  const equals = text.indexOf('=');
  const name = equals < 0 ? text : text.slice(0, equals);
  const value = equals < 0 ? undefined : text.slice(equals + 1);
  if (!isEscaped(name, allowed)) {
    return undefined;
  }
  if (value === undefined) {
    return { name };
  }
  // An empty value is not in the grammar of parameters, and phones send it (`;lr=`).
  return value === '' || isEscaped(value, allowed) ? { name, value } : undefined;
}

/** `name=value *( "&" name=value )`; the value may be empty, the equals sign may not be missing. */
function readUriHeaders(text: string): UriHeader[] | undefined {
  const headers = text.split('&').map((piece) => readPair(piece, uriHeaderCharacters));
  return headers.every((header) => header?.value !== undefined)
    ? (headers as UriHeader[])
    : undefined;
}

function isEscaped(text: string, allowed: Uint8Array): boolean {
  return isAllOf(allowed, text) && areEscapesWhole(text);
}
