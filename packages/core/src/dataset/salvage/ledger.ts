import type { Generation } from '../../generation.ts';
import type { DatasetName, StoreName } from '../../ids.ts';
import type { Lsn } from '../history/position.ts';

// The loss ledger (decisions/0036): what salvage found in a database that was set aside, change by
// change. It stands in the dataset itself, so it is replicated and outlives any one copy.

/** What became of one change of a tail. */
export type LedgerOutcome =
  /** It stands on the active copy now, by salvage. */
  | 'merged'
  /** The active copy had it, or its effect, already. */
  | 'alreadyThere'
  /** The active copy says otherwise, or the table's rule keeps it for a person to read. */
  | 'conflict'
  /** Nothing speaks against it but another change of its transaction (A2). */
  | 'refused';

export const ledgerOutcomes = ['merged', 'alreadyThere', 'conflict', 'refused'] as const;

export type ChangeAct = 'insert' | 'update' | 'delete';

/** A row as text by column, as PostgreSQL prints it; columns that were not told are absent. */
export type RowVersion = { readonly [column: string]: string | null };

export type LedgerEntry = {
  /** Unique in the dataset: `SALVAGE:LSN:ORDINAL`. */
  readonly id: string;
  /** The set-aside database that it was found in. */
  readonly salvage: string;
  readonly store: StoreName;
  /** The generation whose writes these are. */
  readonly generation: Generation;
  /** Where its transaction committed on the lost side; `0/0` where tables were compared. */
  readonly commitLsn: Lsn;
  readonly ordinal: number;
  /** By the lost side's clock; absent where tables were compared. */
  readonly committedAtMs?: number;
  readonly act: ChangeAct;
  readonly table: string;
  readonly key: string;
  readonly outcome: LedgerOutcome;
  readonly why: string;
  /** The lost side's version; absent for a delete. */
  readonly theirs?: RowVersion;
  /** What the active copy had when salvage looked; absent where it had nothing. */
  readonly ours?: RowVersion;
  readonly resolved?: { readonly by: string; readonly atMs: number; readonly why: string };
};

/** How a set-aside database was read. */
export type SalvageWay =
  /** From its slot, transaction by transaction, behind the position that the survivor stored. */
  | 'tail'
  /** Its tables were compared with the active copy's: the slot cannot tell (A3). */
  | 'tables'
  /** It holds no write of its own. */
  | 'nothing';

/** It waits for a person. */
export function isOpenEntry({ outcome, resolved }: LedgerEntry): boolean {
  return (outcome === 'conflict' || outcome === 'refused') && resolved === undefined;
}

/** One set-aside database in the ledger. */
export type Salvage = {
  readonly id: string;
  readonly dataset: DatasetName;
  readonly store: StoreName;
  readonly database: string;
  readonly generation: Generation;
  readonly way: SalvageWay;
  readonly why: string;
  /** All of it is in the ledger: nothing needs the database any more. */
  readonly isComplete: boolean;
  readonly counts: LedgerCounts;
};

export type LedgerCounts = {
  readonly [Outcome in LedgerOutcome]: number;
} & {
  /** Conflicts and what they hold back, not resolved yet. */
  readonly open: number;
};

export const noLedgerCounts: LedgerCounts = {
  merged: 0,
  alreadyThere: 0,
  conflict: 0,
  refused: 0,
  open: 0,
};

/** A database that was set aside, as the store tells. */
export type SetAsideDatabase = {
  readonly database: string;
  /** Its dataset, and the id by which the ledger knows it; absent in one of an earlier release. */
  readonly dataset?: DatasetName;
  readonly salvage?: string;
  /** Log that its slots hold: how much of a tail there is at most. */
  readonly unreadBytes?: number;
};

/** How many entries one answer holds at most. */
export const ledgerPageMax = 500;

export type LedgerQuery = {
  /** Only conflicts and what they hold back, not resolved yet. */
  readonly isOpenOnly?: boolean;
  readonly id?: string;
  readonly offset?: number;
};

export type LedgerPage = {
  readonly salvages: readonly Salvage[];
  /** In the order in which they were committed; `ledgerPageMax` at most. */
  readonly entries: readonly LedgerEntry[];
  readonly hasMore: boolean;
};

/** What a person decided about entries that wait. */
export type ResolveLedger = {
  readonly dataset: DatasetName;
  /** Of the mount through whose gate it is noted. */
  readonly generation: Generation;
  readonly ids: readonly string[];
  readonly by: string;
  readonly why: string;
};
