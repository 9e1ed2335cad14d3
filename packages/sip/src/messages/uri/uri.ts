import type { Parameters } from '../parameters.ts';

/** A `sip:` or `sips:` URI (RFC 3261, section 19.1). Its parts stand as written, with escapes. */
export type SipUri = {
  readonly kind: 'sip';
  readonly scheme: 'sip' | 'sips';
  /** As written, still escaped: `unescapeUri` reads it. Absent without an `@`. */
  readonly user?: string;
  /** As written; sending one is not recommended (section 19.1.1). */
  readonly password?: string;
  /** A name, an IPv4 address or an IPv6 reference with its brackets. */
  readonly host: string;
  /** Absent where the scheme's own port is meant. */
  readonly port?: number;
  readonly parameters: Parameters;
  /** What follows `?`, as header fields of a request to be formed (section 19.1.5). */
  readonly headers: readonly UriHeader[];
};

/** One `name=value` after the `?` of a URI, both as written. */
export type UriHeader = { readonly name: string; readonly value: string };

/** A `tel:` URI (RFC 3966). */
export type TelUri = {
  readonly kind: 'tel';
  readonly scheme: 'tel';
  /** As written, with visual separators; global when it begins with `+`. */
  readonly number: string;
  readonly parameters: Parameters;
};

/** Any other scheme: kept as it is, not understood (RFC 3986, section 3). */
export type OtherUri = {
  readonly kind: 'other';
  /** In lower case. */
  readonly scheme: string;
  /** What follows the colon, as written. */
  readonly opaque: string;
};

/** A URI as it stands in a Request-URI or a header field. */
export type Uri = SipUri | TelUri | OtherUri;
