import type { HeaderField } from './header-field.ts';

/**
 * What the parser saw that the grammar does not allow (RFC 3261, section 25). A message with faults
 * is still a message: one cannot answer what one refused to read. The validator turns a fault into
 * the answer that is owed.
 */
export type Fault = {
  /** Which part of the message. */
  readonly where: 'startLine' | 'headers' | 'contentLength' | 'body';
  /** One clause for the reason phrase and the log, in ASCII. */
  readonly why: string;
  /** What is owed to the sender of a request for it. */
  readonly status: FaultStatus;
};

/** Bad Request, Request Entity Too Large, Request-URI Too Long, Message Too Large. */
export type FaultStatus = 400 | 413 | 414 | 513;

type Common = {
  /** As it was on the wire: `SIP/2.0`, or what stood in its place. */
  readonly version: string;
  /** In the order of the wire, one per field line, unknown ones too (RFC 3261, section 7.3). */
  readonly headers: readonly HeaderField[];
  /** The octets after the empty line, cut to Content-Length; empty when there is none. */
  readonly body: Uint8Array;
  /** Empty for every message that this side builds. */
  readonly faults: readonly Fault[];
};

/** A request (RFC 3261, section 7.1). */
export type SipRequest = Common & {
  readonly kind: 'request';
  /** Case matters (section 7.1): `invite` is not INVITE. */
  readonly method: string;
  /** The Request-URI as it was on the wire; `requestUri(request)` reads it. */
  readonly uri: string;
};

/** A response (RFC 3261, section 7.2). */
export type SipResponse = Common & {
  readonly kind: 'response';
  /** 100 to 699; 0 where the wire held no such number, which is then a fault. */
  readonly status: number;
  /** May be empty, and may be any text. */
  readonly reason: string;
};

/** A message as read or as it will be written: plain data, never changed in place. */
export type SipMessage = SipRequest | SipResponse;

/** The only version there is (RFC 3261, section 7.1). */
export const sipVersion = 'SIP/2.0';
