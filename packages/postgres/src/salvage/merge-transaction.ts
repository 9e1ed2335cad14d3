import {
  compareTable,
  type Generation,
  lagBytes,
  mailboxLockClass,
  type Merge,
  mergeTable,
  type RowVersion,
} from '@understudy/core';
import { type Databases, inTransaction, type Session } from '../connect/databases.ts';
import { sqlStateOf } from '../connect/engine-error.ts';
import { textSettingsSql } from '../connect/text-settings.ts';
import { applyChange } from './apply-change.ts';
import type { TailChange, TailTransaction } from './decode-pgoutput.ts';
import { type LedgerRow, newestListed, writeLedgerRows } from './ledger-rows.ts';
import { keyText, type MergedTable, type MergedTables } from './merged-table.ts';
import { findDependant, lookAtRow, type Looking, type SeenRow } from './row-there.ts';

// A2. One transaction of the tail, one transaction here: it is merged whole or listed whole, and
// its rows of the ledger commit with it. Killed before, nothing was done; after, it is skipped.

/** What all merges of one set-aside database have in common. */
export type Merging = {
  readonly databases: Databases;
  readonly database: string;
  readonly timeoutMs: number;
  readonly salvage: string;
  /** Of the active copy's mount: the gate is asked for it. */
  readonly generation: Generation;
  /** Of the set-aside copy. */
  readonly lostGeneration: Generation;
  readonly originXid: string | undefined;
  readonly tables: MergedTables;
  readonly way: 'tail' | 'tables';
};

/** Merges one transaction of the tail, or lists it. */
export async function mergeTransaction(
  merging: Merging,
  transaction: TailTransaction,
): Promise<void> {
  const changes = transaction.changes.filter(({ table }) => isUsers(merging, table));
  if (changes.length === 0) return;
  const { salvage, lostGeneration: generation } = merging;
  const { commitLsn, committedAtMs } = transaction;
  await inMerge(merging, changes, async (session) => {
    const newest = await newestListed(session, salvage);
    if (newest !== undefined && lagBytes(newest, commitLsn) === 0) return;
    const rows = await mergeWhole(merging, session, changes);
    await writeLedgerRows(session, { salvage, generation, commitLsn, committedAtMs }, rows);
  });
}

function isUsers({ tables }: Merging, name: string): boolean {
  return tables.get(name)?.rule !== 'control';
}

/**
 * A transaction of the active copy, one salvage at a time. The locks of mailboxes come before that
 * of the gate, as with the roles: a fence that waits would else stand in a circle with both.
 */
export async function inMerge<Result>(
  { databases, database, timeoutMs, generation }: Merging,
  changes: readonly TailChange[],
  work: (session: Session) => Promise<Result>,
): Promise<Result> {
  return await databases.session({ database, timeoutMs }, (session) =>
    inTransaction(session, async () => {
      await session.query(textSettingsSql);
      await session.query('SELECT pg_advisory_xact_lock(21331, 7)');
      const readers = changes.flatMap(({ row }) => row.get('to_user') ?? []);
      if (readers.length > 0) await session.query(lockMailboxesSql, [readers]);
      await session.query('SELECT understudy.check_gate($1)', [generation]);
      return await work(session);
    }),
  );
}

// By the name's MD5, as `begin-locked.ts` of the registrar has it.
const lockMailboxesSql = `
  SELECT pg_advisory_xact_lock(${mailboxLockClass}, key) FROM (
    SELECT DISTINCT ('x' || left(md5(name), 8))::bit(32)::int AS key
      FROM app.users WHERE id = ANY ($1::uuid[]) ORDER BY 1) AS keys`;

/** Does the changes, or none of them; gives their rows of the ledger. */
export function mergeWhole(
  merging: Merging,
  session: Session,
  changes: readonly TailChange[],
): Promise<readonly LedgerRow[]> {
  return new WholeMerge(merging, session, changes).run();
}

type Judged = { readonly change: TailChange; readonly merge: Merge; readonly seen: SeenRow };

/** Of a change that nothing is known to speak against. */
const held = {
  merge: { todo: 'merge', why: '' },
  seen: { there: 'absent' },
} as const satisfies Omit<Judged, 'change'>;

class WholeMerge {
  readonly #merging: Merging;
  readonly #session: Session;
  readonly #changes: readonly TailChange[];
  readonly #looking: Looking;
  readonly #keys: ReadonlySet<string>;
  readonly #judged = new Set<string>();
  /** Once a change is not to be merged, none of its transaction is. */
  #conflict: string | undefined;

  constructor(merging: Merging, session: Session, changes: readonly TailChange[]) {
    this.#merging = merging;
    this.#session = session;
    this.#changes = changes;
    const { salvage, tables, originXid } = merging;
    this.#looking = { session, tables, salvage, originXid, mergedNow: new Map() };
    this.#keys = new Set(changes.map((change) => this.#nameOf(change)));
  }

  async run(): Promise<readonly LedgerRow[]> {
    await this.#session.query('SAVEPOINT merge');
    const judged: Judged[] = [];
    for (const change of this.#changes) judged.push(await this.#take(change));
    return judged.map((each, index) => this.#toRow(each, index + 1));
  }

  async #take(change: TailChange): Promise<Judged> {
    const table = this.#merging.tables.get(change.table);
    if (table === undefined) {
      return await this.#give(change, 'the active copy has no such table');
    }
    const name = this.#nameOf(change);
    const isAgain = this.#judged.has(name);
    this.#judged.add(name);
    // What it would meet is what the earlier change of the same row was to leave behind.
    if (isAgain && this.#conflict !== undefined) return { change, ...held };
    const { seen, merge } = await this.#judge(table, change);
    if (merge.todo === 'list') await this.#stop(change, merge.why);
    if (merge.todo !== 'merge' || this.#conflict !== undefined) return { change, merge, seen };
    const violation = await this.#apply(table, change, seen);
    if (violation === undefined) return { change, merge, seen };
    return await this.#give(change, violation, seen);
  }

  async #judge(
    table: MergedTable,
    change: TailChange,
  ): Promise<{ readonly seen: SeenRow; readonly merge: Merge }> {
    const seen = await lookAtRow(this.#looking, table, change);
    const merge = this.#choose(table, change, seen);
    if (change.act !== 'delete' || merge.todo !== 'merge') return { seen, merge };
    const isKnown = (name: string, key: string) => this.#keys.has(`${name} ${key}`);
    const dependant = await findDependant(this.#looking, table, change, isKnown);
    return { seen, merge: dependant === undefined ? merge : { todo: 'list', why: dependant } };
  }

  #choose({ rule }: MergedTable, { act }: TailChange, { there }: SeenRow): Merge {
    const isTail = this.#merging.way === 'tail';
    return isTail ? mergeTable[rule][act][there] : compareTable[rule][there];
  }

  /** Why PostgreSQL does not let it be; undefined when it is written. */
  async #apply(
    table: MergedTable,
    change: TailChange,
    { there }: SeenRow,
  ): Promise<string | undefined> {
    const applying = { ...this.#looking, generation: this.#merging.generation };
    const isThere = there !== 'absent';
    try {
      const xid = await applyChange(applying, table, { ...change, isThere });
      if (xid !== undefined) this.#looking.mergedNow.set(this.#nameOf(change), xid);
      return undefined;
    } catch (error) {
      if (!isViolation(error)) throw error;
      return wordsOfCause(error);
    }
  }

  async #give(change: TailChange, why: string, seen: SeenRow = { there: 'absent' }) {
    await this.#stop(change, why);
    return { change, seen, merge: { todo: 'list', why } } as const;
  }

  async #stop(change: TailChange, why: string): Promise<void> {
    if (this.#conflict !== undefined) return;
    this.#conflict = `${this.#nameOf(change)}: ${why}`;
    await this.#session.query('ROLLBACK TO SAVEPOINT merge');
  }

  #nameOf({ table, row }: TailChange): string {
    const merged = this.#merging.tables.get(table);
    return `${table} ${merged === undefined ? '' : keyText(merged, row)}`;
  }

  #toRow({ change, merge, seen }: Judged, ordinal: number): LedgerRow {
    const { act, table } = change;
    const key = this.#nameOf(change).slice(table.length + 1);
    const xid = this.#looking.mergedNow.get(`${table} ${key}`);
    const isMerged = merge.todo === 'merge' && this.#conflict === undefined;
    return {
      ordinal,
      act,
      table,
      key,
      ...outcomeOf(merge, this.#conflict),
      ...(act !== 'delete' && { theirs: Object.fromEntries(change.row) }),
      ...oursOf(seen),
      ...(isMerged && xid !== undefined && { mergedXid: xid }),
    };
  }
}

function outcomeOf({ todo, why }: Merge, conflict: string | undefined) {
  if (todo === 'list') return { outcome: 'conflict', why } as const;
  if (todo === 'leave') return { outcome: 'alreadyThere', why } as const;
  if (conflict === undefined) return { outcome: 'merged', why } as const;
  return { outcome: 'refused', why: `its transaction is listed whole: ${conflict}` } as const;
}

function oursOf({ ours }: SeenRow): { readonly ours?: RowVersion } {
  return ours === undefined ? {} : { ours };
}

/**
 * What the row itself meets: data that does not fit (class 22), keys (class 23), a column that the
 * active copy does not have (42703). Everything else is tried again.
 */
function isViolation(error: unknown): boolean {
  const state = sqlStateOf(error instanceof Error ? error.cause : undefined) ?? '';
  return /^2[23]/.test(state) || state === '42703';
}

function wordsOfCause(error: unknown): string {
  const { cause } = error as Error;
  const { detail } = (cause ?? {}) as { readonly detail?: string };
  const said = cause instanceof Error ? cause.message : String(cause);
  return detail === undefined ? said : `${said}: ${detail}`;
}
