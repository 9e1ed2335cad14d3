import type { ChangeAct, Generation, LedgerOutcome, Lsn, RowVersion } from '@understudy/core';
import type { Session } from '../connect/databases.ts';

/** One change as it is written into the ledger. */
export type LedgerRow = {
  readonly ordinal: number;
  readonly act: ChangeAct;
  readonly table: string;
  readonly key: string;
  readonly outcome: LedgerOutcome;
  readonly why: string;
  readonly theirs?: RowVersion;
  readonly ours?: RowVersion;
  readonly mergedXid?: string;
};

export type LedgerPlace = {
  readonly salvage: string;
  /** Of the set-aside copy: whose writes these are. */
  readonly generation: Generation;
  readonly commitLsn: Lsn;
  readonly committedAtMs?: number;
};

export async function writeLedgerRows(
  session: Session,
  { salvage, generation, commitLsn, committedAtMs }: LedgerPlace,
  rows: readonly LedgerRow[],
): Promise<void> {
  await session.query(
    `INSERT INTO app.ledger (salvage, generation, commit_lsn, committed_at, ordinal, act,
                             table_name, key, outcome, why, theirs, ours, merged_xid)
     SELECT $1, $2, $3, to_timestamp($4::float8 / 1000), r.ordinal, r.act, r."table", r.key,
            r.outcome, r.why, r.theirs, r.ours, r."mergedXid"
       FROM jsonb_to_recordset($5::jsonb) AS r(ordinal bigint, act text, "table" text, key text,
              outcome text, why text, theirs jsonb, ours jsonb, "mergedXid" text)`,
    [salvage, generation, commitLsn, committedAtMs ?? null, JSON.stringify(rows)],
  );
}

/** The transactions of a salvage that the ledger has, by the newest: they come in commit order. */
export async function newestListed(session: Session, salvage: string): Promise<Lsn | undefined> {
  const [row] = await session.query<{ lsn: Lsn | null }>(
    'SELECT max(commit_lsn)::text AS lsn FROM app.ledger WHERE salvage = $1',
    [salvage],
  );
  return row?.lsn ?? undefined;
}
