/** One phone's contact, as its REGISTER left it (RFC 3261, section 10). */
export type Binding = {
  readonly id: string;
  /** The contact's URI as the phone gave it. */
  readonly contact: string;
  /** RFC 5626, section 4.1: which phone this is, and which of its connections. */
  readonly instance?: string;
  readonly regId?: number;
  /** Thousandths, 0 to 1000 (RFC 3261, section 20.10). */
  readonly q: number;
  /** Route of requests to the contact, first hop first (RFC 3327). */
  readonly path: readonly string[];
  /** Transport and address that the REGISTER came from: the way through the phone's NAT. */
  readonly source: string;
  readonly callId: string;
  readonly cseq: number;
  readonly userAgent: string;
  /** Wall clock, in milliseconds. */
  readonly expiresAtMs: number;
};

/** What one REGISTER asks for its user. */
export type Registration = {
  readonly callId: string;
  readonly cseq: number;
  readonly path: readonly string[];
  readonly source: string;
  readonly userAgent: string;
  /** `all`: `Contact: *`, which removes every binding; empty: only asks which there are. */
  readonly contacts: 'all' | readonly AskedContact[];
};

export type AskedContact = Pick<Binding, 'contact' | 'instance' | 'regId' | 'q'> & {
  /** 0 removes the binding. */
  readonly lifeMs: number;
};

/** The connection that a binding came by has ended (RFC 5626, section 5.3.1). */
export type FlowEnd = Pick<Binding, 'instance' | 'regId' | 'source'> & {
  readonly contacts: 'flowEnded';
};
