/** The bounds of one set of transports; times in milliseconds. */
export type TransportLimits = {
  /** TCP and TLS connections, those of both sides. */
  readonly connectionsMax: number;
  /** Connections from one address; many phones may stand behind one NAT. */
  readonly connectionsPerAddressMax: number;
  /** What may wait to be sent on one connection, in octets. */
  readonly sendQueueBytesMax: number;
  /** Datagrams handed to the system and not yet gone. */
  readonly datagramsMax: number;
  readonly connectMs: number;
  readonly tlsHandshakeMs: number;
  /** From the first octet of a message to its last, and from accepting to the first message. */
  readonly messageMs: number;
  /** Without any octet received. Phones that keep a flow send one every two minutes. */
  readonly idleMs: number;
  /** How long a peer may take nothing of what waits for it. */
  readonly stallMs: number;
  /** Between two looks for connections that are past one of these. */
  readonly sweepMs: number;
};

export const defaultTransportLimits: TransportLimits = {
  connectionsMax: 50_000,
  connectionsPerAddressMax: 5_000,
  sendQueueBytesMax: 1_048_576,
  datagramsMax: 10_000,
  connectMs: 4_000,
  tlsHandshakeMs: 10_000,
  messageMs: 30_000,
  idleMs: 900_000,
  stallMs: 30_000,
  sweepMs: 1_000,
};
