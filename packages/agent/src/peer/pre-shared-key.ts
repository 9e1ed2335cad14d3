import { createHmac, timingSafeEqual } from 'node:crypto';

// TLS with a pre-shared key (RFC 4279; ECDHE_PSK is RFC 5489, with forward secrecy). Node cannot
// make X.509 certificates, and agents of one deployment share a secret anyway (decisions/0010).

/** Node's PSK callbacks serve TLS 1.2 only (nodejs.org/api/tls.html, "Pre-shared keys"). */
export const pskTlsOptions = {
  ciphers: 'ECDHE-PSK-CHACHA20-POLY1305',
  minVersion: 'TLSv1.2',
  maxVersion: 'TLSv1.2',
} as const;

/** What both sides present as identity: the key is the deployment's, not a server's. */
export const pskIdentity = 'understudy-agent';

/** The agents' key, derived so that the deployment secret itself never enters a handshake. */
export function derivePeerKey(deploymentSecret: string): Buffer {
  return createHmac('sha256', deploymentSecret).update('understudy peer key').digest();
}

/** Compares without telling by its time how much was right. */
export function isSameSecret(left: Buffer, right: Buffer): boolean {
  return left.length === right.length && timingSafeEqual(left, right);
}
