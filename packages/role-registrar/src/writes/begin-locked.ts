import { createHash } from 'node:crypto';
import type { Session } from '../data/open-database.ts';

/**
 * Begins a transaction that holds an advisory lock for each name until it ends. The locks are taken
 * before the statements that look, so those see what the holders before committed (READ COMMITTED).
 */
export async function beginLocked(
  session: Session,
  lockClass: number,
  names: readonly string[],
): Promise<void> {
  // In one order everywhere, so that two batches never wait for each other.
  const locks = [...new Set(names.map(lockKey))].sort((a, b) => a - b);
  await session.run(
    'begin isolation level read committed; ' +
      `select pg_advisory_xact_lock(${lockClass}, key) ` +
      `from unnest('{${locks.join(',')}}'::integer[]) as key`,
  );
}

/** A signed 32-bit number of the name; two names with the same one only wait needlessly. */
function lockKey(name: string): number {
  return createHash('md5').update(name).digest().readInt32BE(0);
}
