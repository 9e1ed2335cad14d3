import type { Parameters } from '../parameters.ts';
import type { Uri } from '../uri/uri.ts';

/**
 * `name-addr` or `addr-spec` with the parameters of its header field: From, To, Contact, Route,
 * Record-Route, Path, Service-Route, Refer-To (RFC 3261, section 20.10).
 */
export type NameAddr = {
  /** Read, without quotes and escapes; absent when there is none. */
  readonly displayName?: string;
  readonly uri: Uri;
  /** Those of the header field, not of the URI: `tag`, `q`, `expires`, `+sip.instance`. */
  readonly parameters: Parameters;
};
