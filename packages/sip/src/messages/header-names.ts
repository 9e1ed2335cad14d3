// The compact forms that IANA registers for header fields (RFC 3261, section 7.3.3, and the RFCs
// of later fields). A name in neither table is its own key: unknown fields are kept as they are.

/** Compact form to the long name in lower case. */
const compactForms: ReadonlyMap<string, string> = new Map([
  ['a', 'accept-contact'], // RFC 3841
  ['b', 'referred-by'], // RFC 3892
  ['c', 'content-type'],
  ['d', 'request-disposition'], // RFC 3841
  ['e', 'content-encoding'],
  ['f', 'from'],
  ['i', 'call-id'],
  ['j', 'reject-contact'], // RFC 3841
  ['k', 'supported'],
  ['l', 'content-length'],
  ['m', 'contact'],
  ['n', 'identity-info'], // RFC 4474
  ['o', 'event'], // RFC 6665
  ['r', 'refer-to'], // RFC 3515
  ['s', 'subject'],
  ['t', 'to'],
  ['u', 'allow-events'], // RFC 6665
  ['v', 'via'],
  ['x', 'session-expires'], // RFC 4028
  ['y', 'identity'], // RFC 8224
]);

/** Spellings of most senders, and our own in lower case: looking these up costs no lower-casing. */
const frequentNames: ReadonlyMap<string, string> = new Map(
  `Via From To Call-ID CSeq Contact Max-Forwards Content-Length Content-Type Route Record-Route
  Expires Allow Supported Require Proxy-Require Unsupported User-Agent Server Authorization
  Proxy-Authorization WWW-Authenticate Proxy-Authenticate Accept Event Date Path Service-Route
  Retry-After Subject`
    .split(/\s+/)
    .flatMap((name) => [name, name.toLowerCase()].map((each) => [each, name.toLowerCase()])),
);

/** The key of a header name: long form, lower case. `v`, `V`, `VIA` and `Via` give `via`. */
export function headerKey(name: string): string {
  const frequent = frequentNames.get(name);
  if (frequent !== undefined) {
    return frequent;
  }
  const lower = name.toLowerCase();
  return compactForms.get(lower) ?? lower;
}
