import { randomUUID } from 'node:crypto';
import { type Clock, EngineRefusedError, TimedOutError } from '@understudy/ports';
import { bounds } from '../connect/bounds.ts';
import { inTransaction, type Session } from '../connect/databases.ts';
import { textSettingsSql } from '../connect/text-settings.ts';
import { hasSqlState, lockNotAvailableCode } from '../connect/engine-error.ts';
import { waitUntil } from '../connect/wait-until.ts';

// E11. Logical apply has no "stop at this LSN", and transactions become visible in another order
// than they commit in; so both sides are brought to stand at one transaction, the verify marker's.
//
// I1. Active: under the lock that shuts every writer out (a moment), the marker is written, and the
//     snapshot taken before it commits. It sees all before the marker and nothing after.
// I2. Passive: a replica trigger on the marker waits for a lock that we hold. The apply commits in
//     order, so then all before the marker is visible and nothing after can be: the snapshot is
//     the same. The active copy waits for nothing of this.

export type VerifySessions = {
  /** On the active store, as the replication user: writes the marker. */
  readonly marking: Session;
  /** On the active store: keeps the snapshot. */
  readonly active: Session;
  /** Here: holds the lock that the apply waits for. */
  readonly holding: Session;
  /** Here: keeps the snapshot. */
  readonly passive: Session;
};

export type PairOrder = {
  readonly generation: number;
  readonly timeoutMs: number;
  readonly clock: Clock;
};

/** Leaves `active` and `passive` in transactions whose snapshots stand at the same place. */
export async function takeSnapshotPair(
  sessions: VerifySessions,
  { generation, timeoutMs, clock }: PairOrder,
): Promise<void> {
  const { marking, active, holding, passive } = sessions;
  const token = randomUUID();
  await hold(holding, { token, timeoutMs, clock });
  try {
    await withRetry(() => markActive({ marking, active }, { token, generation }));
    const what = 'the apply reaches the verify marker';
    const wait = { timeoutMs, everyMs: bounds.lookAgainMs, what };
    await waitUntil(clock, wait, () => isHeld(holding));
    await beginSnapshot(passive);
  } finally {
    // While the lock is ours: later it would be the next verify's token that is taken away.
    await holding.query('UPDATE understudy.verification SET token = NULL');
    await holding.query('SELECT pg_advisory_unlock(21331, 2)');
  }
}

type Turn = Pick<PairOrder, 'timeoutMs' | 'clock'> & { readonly token: string };

/** Another verify holds the lock for no longer than its snapshots take: this one waits its turn. */
async function hold(holding: Session, { token, timeoutMs, clock }: Turn): Promise<void> {
  const what = 'the snapshots of another verify of this copy';
  const wait = { timeoutMs, everyMs: bounds.lookAgainMs, what };
  await waitUntil(clock, wait, async () => {
    const [row] = await holding.query<{ is_ours: boolean }>(
      'SELECT pg_try_advisory_lock(21331, 2) AS is_ours',
    );
    return row?.is_ours === true ? row : undefined;
  }).catch((error: unknown) => {
    if (!(error instanceof TimedOutError)) throw error;
    throw new EngineRefusedError('another verify of this copy is going on; ask again later');
  });
  await holding.query(
    `INSERT INTO understudy.verification (token) VALUES ($1)
       ON CONFLICT (only_row) DO UPDATE SET token = excluded.token`,
    [token],
  );
}

type Marking = Pick<VerifySessions, 'marking' | 'active'>;

/** I1. A verifier that stalls is thrown out by the active store, so that it never stops writers. */
async function markActive(
  { marking, active }: Marking,
  { token, generation }: { readonly token: string; readonly generation: number },
): Promise<void> {
  await inTransaction(marking, async () => {
    await marking.query(
      `SET LOCAL lock_timeout = ${bounds.verifyLockMs};
       SET LOCAL idle_in_transaction_session_timeout = ${bounds.verifyStallMs}`,
    );
    await marking.query('SELECT pg_advisory_xact_lock(21331, 1)');
    await marking.query('SELECT understudy.check_gate($1)', [generation]);
    await marking.query(
      `INSERT INTO app.verify_marker (token) VALUES ($1)
         ON CONFLICT (only_row) DO UPDATE SET token = excluded.token`,
      [token],
    );
    await beginSnapshot(active);
  });
}

/** The snapshot of a REPEATABLE READ transaction is that of its first query. */
async function beginSnapshot(session: Session): Promise<void> {
  await session.query(
    `BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; ${textSettingsSql}; SELECT 1`,
  );
}

/** A long write may keep the lock busy: then writers go first, and the verifier tries again. */
async function withRetry(work: () => Promise<void>): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await work();
    } catch (error) {
      const isBusy = hasSqlState(error, lockNotAvailableCode);
      if (!isBusy || attempt >= bounds.verifyLockAttemptsMax) throw error;
    }
  }
}

/** I2: the apply worker waits for our lock; nothing else ever asks for it. */
async function isHeld(holding: Session): Promise<true | undefined> {
  const waiting = await holding.query(
    `SELECT FROM pg_locks
      WHERE locktype = 'advisory' AND NOT granted AND classid = 21331 AND objid = 2 AND objsubid = 2
        AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`,
  );
  return waiting.length > 0 ? true : undefined;
}
