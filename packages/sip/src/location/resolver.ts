/** A NAPTR record (RFC 3403, section 4.1), as far as RFC 3263 uses it. */
export type NaptrRecord = {
  readonly order: number;
  readonly preference: number;
  /** `s` leads to SRV records. */
  readonly flags: string;
  /** `SIP+D2U`, `SIP+D2T`, `SIPS+D2T`; case does not matter. */
  readonly service: string;
  readonly replacement: string;
};

/** An SRV record (RFC 2782). */
export type SrvRecord = {
  readonly priority: number;
  readonly weight: number;
  readonly port: number;
  /** A name; `.` says that the service is decidedly not offered. */
  readonly target: string;
};

/** No records is an answer too: the name does not exist, or has none of that type. */
export type DnsAnswer<Record> = {
  readonly records: readonly Record[];
  /** How long the answer may be kept, in milliseconds. */
  readonly ttlMs: number;
};

/** What this package asks of DNS. A lookup that got no answer at all throws `ResolveError`. */
export type Resolver = {
  naptr(name: string): Promise<DnsAnswer<NaptrRecord>>;
  srv(name: string): Promise<DnsAnswer<SrvRecord>>;
  /** A and AAAA together, in the order to be tried. */
  addresses(name: string): Promise<DnsAnswer<string>>;
};

/** DNS gave no answer: not that there is nothing, but that nobody knows. */
export class ResolveError extends Error {
  override readonly name = 'ResolveError';
}
