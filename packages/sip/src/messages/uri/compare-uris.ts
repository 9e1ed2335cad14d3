import { hexDigits, isIn } from '../grammar/characters.ts';
import { findParameter, type Parameters } from '../parameters.ts';
import type { SipUri, TelUri, Uri, UriHeader } from './uri.ts';
import { writeUri } from './write-uri.ts';

/**
 * Whether two URIs are equivalent (RFC 3261, section 19.1.4; RFC 3966, section 4, for telephone
 * numbers; others are compared as they are written). Not transitive: a parameter that only one of
 * the two has is often passed over.
 */
export function areUrisEqual(one: Uri, other: Uri): boolean {
  if (one.kind === 'sip' && other.kind === 'sip') {
    return areSipUrisEqual(one, other);
  }
  if (one.kind === 'tel' && other.kind === 'tel') {
    return areTelUrisEqual(one, other);
  }
  return writeUri(one) === writeUri(other);
}

function areSipUrisEqual(one: SipUri, other: SipUri): boolean {
  return (
    one.scheme === other.scheme &&
    // The user is the one part in which case matters; one without is not one with an empty one.
    plainOf(one.user) === plainOf(other.user) &&
    plainOf(one.password) === plainOf(other.password) &&
    one.host.toLowerCase() === other.host.toLowerCase() &&
    // No port is not the same as the port that is meant by it.
    one.port === other.port &&
    areParametersEqual(one.parameters, other.parameters) &&
    areHeadersEqual(one.headers, other.headers)
  );
}

function areTelUrisEqual(one: TelUri, other: TelUri): boolean {
  return (
    withoutSeparators(one.number) === withoutSeparators(other.number) &&
    one.parameters.length === other.parameters.length &&
    one.parameters.every(({ name, value }) => {
      const match = findParameter(other.parameters, name);
      return match !== undefined && areValuesEqual(value, match.value);
    })
  );
}

function withoutSeparators(number: string): string {
  return number.replaceAll(/[-.()]/g, '').toLowerCase();
}

/** Parameters that make a difference even where only one of the two URIs has them. */
const neverIgnored = ['user', 'ttl', 'method', 'maddr', 'transport'];

function areParametersEqual(some: Parameters, others: Parameters): boolean {
  const isSameOnBoth = some.every(({ name, value }) => {
    const match = findParameter(others, name);
    return match === undefined || areValuesEqual(value, match.value);
  });
  const isNoneMissing = neverIgnored.every(
    (name) =>
      (findParameter(some, name) === undefined) === (findParameter(others, name) === undefined),
  );
  return isSameOnBoth && isNoneMissing;
}

function areValuesEqual(one: string | undefined, other: string | undefined): boolean {
  return plainOf(one)?.toLowerCase() === plainOf(other)?.toLowerCase();
}

/** Header fields of a URI are never ignored, in whatever order they stand. */
function areHeadersEqual(some: readonly UriHeader[], others: readonly UriHeader[]): boolean {
  const [one, other] = [some, others].map((headers) => headers.map(headerKeyOf).sort());
  return one?.join('&') === other?.join('&');
}

function headerKeyOf({ name, value }: UriHeader): string {
  return `${plainOf(name)?.toLowerCase()}=${plainOf(value)}`;
}

/** Characters that mean something else when they are escaped (section 25.1, `reserved`). */
const reserved = ';/?:@&=+$,';

/**
 * A part of a URI with its escapes in one form: those of characters that are not reserved undone,
 * the others in upper case.
 */
export function plainOf(text: string | undefined): string | undefined {
  if (text === undefined || !text.includes('%')) {
    return text;
  }
  let plain = '';
  for (let at = 0; at < text.length; at += 1) {
    const isEscape =
      text[at] === '%' && isIn(hexDigits, text, at + 1) && isIn(hexDigits, text, at + 2);
    plain += isEscape ? plainEscape(text.slice(at + 1, at + 3)) : text[at];
    at += isEscape ? 2 : 0;
  }
  return plain;
}

function plainEscape(hex: string): string {
  const code = Number.parseInt(hex, 16);
  const character = String.fromCharCode(code);
  const isPlain = code > 32 && code < 127 && character !== '%' && !reserved.includes(character);
  return isPlain ? character : `%${hex.toUpperCase()}`;
}
