import { createHash, createHmac, pbkdf2Sync } from 'node:crypto';

/** The database users of a deployment, besides the administrator. */
export const databaseUsers = {
  /** Roles of the product: reads and writes `app` through the gate, cannot touch the gate. */
  role: 'understudy_role',
  /** Roles again, for a pool in limited mode: reads what users are served by, writes nothing. */
  reader: 'understudy_reader',
  /** Followers: replication, reading `app`, publishing, the verify marker. */
  replication: 'understudy_replication',
} as const;

/** The password of a database user, derived from the deployment secret. Secret. */
export function passwordOf(user: string, secret: string): string {
  return createHmac('sha256', secret).update(`database user ${user}`).digest('base64url');
}

/**
 * The password as PostgreSQL stores it (RFC 5803), so that it never stands in a statement that a
 * server may log. The salt is derived too: the same secret gives the same text everywhere.
 */
export function scramVerifier(user: string, secret: string): string {
  const iterations = 4096;
  const salt = createHmac('sha256', secret).update(`salt ${user}`).digest().subarray(0, 16);
  const salted = pbkdf2Sync(passwordOf(user, secret), salt, iterations, 32, 'sha256');
  const clientKey = createHmac('sha256', salted).update('Client Key').digest();
  const storedKey = createHash('sha256').update(clientKey).digest('base64');
  const serverKey = createHmac('sha256', salted).update('Server Key').digest('base64');
  return `SCRAM-SHA-256$${iterations}:${salt.toString('base64')}$${storedKey}:${serverKey}`;
}
