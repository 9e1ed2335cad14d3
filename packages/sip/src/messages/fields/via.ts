import type { Parameters } from '../parameters.ts';

/** One value of a Via header field (RFC 3261, section 20.42). */
export type Via = {
  /** `SIP`, as written. */
  readonly protocol: string;
  /** `2.0`, as written. */
  readonly version: string;
  /** In upper case: `UDP`, `TCP`, `TLS`, `WS`, `WSS`, or one that we do not know. */
  readonly transport: string;
  /** A name, an IPv4 address or an IPv6 reference with its brackets. */
  readonly host: string;
  /** Absent where the transport's own port is meant (section 18.1.1). */
  readonly port?: number;
  /** `branch`, `received`, `rport` (RFC 3581), `maddr`, `ttl`, `alias`, `keep` and others. */
  readonly parameters: Parameters;
};
