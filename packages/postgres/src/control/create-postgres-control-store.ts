import type { ServerName, StoreIdentity, StoreName } from '@understudy/core';
import type { ControlStore } from '@understudy/ports';
import { openDatabases } from '../connect/databases.ts';
import { once } from '../connect/once.ts';
import type { AskControl, Control } from './ask-control.ts';
import { decide, learn, readDecisions } from './decisions.ts';
import { controlDatabase, openControlDatabase } from './open-control-database.ts';
import type { StoreOwner } from './store-owner.ts';
import {
  appendJournal,
  highestAttempt,
  readJournal,
  readRuns,
  recordAttempt,
  saveRun,
  takeRun,
} from './runs.ts';

export type PostgresControlStoreOptions = {
  readonly store: StoreName;
  /** The server whose agent writes here. */
  readonly server: ServerName;
  /** Administrator's URL of the store; its database part is replaced. Secret. */
  readonly adminUrl: string;
  /** Who uses the store; it is refused to every other. Left out, nobody is asked. */
  readonly owner?: StoreOwner;
};

export type PostgresControlStore = ControlStore &
  AsyncDisposable & {
    /** Resolves when the store is known to be the owner's; throws EngineRefusedError if not. */
    admit(): Promise<void>;
  };

/** The control database of one store; it is made at the first question. */
export function createPostgresControlStore(
  options: PostgresControlStoreOptions,
): PostgresControlStore {
  const { store, server, owner } = options;
  const databases = openDatabases({ store, url: options.adminUrl });
  const ready = once(() => openControlDatabase(databases, { store, owner }));
  const ask: AskControl = async <Row>(sql: string, values?: readonly unknown[]) => {
    await ready();
    return databases.query<Row>(controlDatabase, sql, values);
  };
  const control: Control = {
    ask,
    async session(work) {
      await ready();
      return databases.session({ database: controlDatabase }, work);
    },
    async transaction(work) {
      await ready();
      return databases.transaction({ database: controlDatabase }, work);
    },
  };
  return {
    store,
    server,
    admit: ready,
    readDecisions: () => readDecisions(control),
    decide: (next, expected) => decide(control, next, expected),
    learn: (decisions) => learn(control, decisions),
    readRuns: () => readRuns(ask),
    takeRun: (row, expected) => takeRun(ask, row, expected),
    saveRun: (row) => saveRun(ask, row),
    appendJournal: (lines) => appendJournal(ask, lines),
    readJournal: (run) => readJournal(ask, run),
    readIdentities: () => readIdentities(ask),
    recordIdentity: (identity) => recordIdentity(ask, identity),
    highestAttempt: (run) => highestAttempt(ask, run),
    recordAttempt: (run, attempt) => recordAttempt(ask, run, attempt),
    [Symbol.asyncDispose]: () => databases[Symbol.asyncDispose](),
  };
}

async function readIdentities(ask: AskControl): Promise<readonly StoreIdentity[]> {
  const rows = await ask<{ value: StoreIdentity }>(
    'SELECT value FROM control.identity ORDER BY store',
  );
  return rows.map(({ value }) => value);
}

async function recordIdentity(ask: AskControl, identity: StoreIdentity): Promise<void> {
  await ask(
    `INSERT INTO control.identity (store, value) VALUES ($1, $2)
     ON CONFLICT (store) DO UPDATE SET value = excluded.value`,
    [identity.store, JSON.stringify(identity)],
  );
}
