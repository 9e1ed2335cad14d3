import { type Generation, type Link, linkName, showGeneration } from '@understudy/core';
import { EngineRefusedError, TimedOutError } from '@understudy/ports';
import { bounds } from '../connect/bounds.ts';
import { type EngineParts, maintenanceDatabase } from '../connect/engine-parts.ts';
import { literal } from '../connect/sql-text.ts';
import { waitUntil } from '../connect/wait-until.ts';
import { requireCopy } from '../copy/find-copy.ts';
import { insideSql } from './writers-inside.ts';

// V7, the way there: `synchronous_standby_names` names the follower's connection, the gate says
// that writes wait, and then four things have to be seen, each after the one before:
//
// W1. The walsender has taken the name over (`sync_state`).
// W2. The checkpointer has, which alone tells whoever commits that there is somebody to wait for
//     (syncrep.c): it got the same signal, and has been idle since.
// W3. Whoever was inside of the gate until then, and may not have waited, is gone.
// W4. What had been flushed by then is confirmed. From here on nothing is acknowledged that the
//     follower has not flushed.

type WaitForCopy = {
  readonly link: Link;
  readonly generation: Generation;
  readonly timeoutMs: number;
};

/** Lets every write of the dataset wait for the follower of `link`; true when it has all. */
export async function waitForCopy(parts: EngineParts, order: WaitForCopy): Promise<boolean> {
  const { link, generation } = order;
  const database = await requireCopy(parts, link.dataset);
  const name = linkName(link);
  const turned = await parts.databases.query(
    database,
    `UPDATE understudy.gate SET waits_for = $2
      WHERE generation = $1 AND valid_until_ms > understudy.clock_ms()
        AND postmaster_started = pg_postmaster_start_time()
    RETURNING generation`,
    [generation, name],
  );
  if (turned.length === 0) {
    throw new EngineRefusedError(
      `the gate of ${link.dataset} on ${parts.store} is not open for generation ` +
        showGeneration(generation),
    );
  }
  await nameFollower(parts, name);
  return await isSeenToWait(parts, { database, name, timeoutMs: order.timeoutMs });
}

/** The names are the whole store's, and an operator's own stay. */
async function nameFollower({ databases, store }: EngineParts, name: string): Promise<void> {
  const [row] = await databases.query<{ names: string }>(
    maintenanceDatabase,
    "SELECT setting AS names FROM pg_settings WHERE name = 'synchronous_standby_names'",
  );
  const names = row?.names ?? '';
  if (names === name) return;
  if (names !== '' && !/^us_[a-z0-9_]+$/.test(names)) {
    throw new EngineRefusedError(
      `store ${store} waits for standbys of its own (synchronous_standby_names is ${names}): ` +
        'give a dataset with a synchronous copy a store that does not',
    );
  }
  for (const sql of [
    // Whoever does not ask for it waits for nobody, strangers to the deployment too.
    "ALTER SYSTEM SET synchronous_commit = 'local'",
    `ALTER SYSTEM SET synchronous_standby_names = ${literal(name)}`,
    'SELECT pg_reload_conf()',
  ]) {
    await databases.query(maintenanceDatabase, sql);
  }
}

type Waited = { readonly database: string; readonly name: string; readonly timeoutMs: number };

async function isSeenToWait(parts: EngineParts, waited: Waited): Promise<boolean> {
  const { clock, databases, store } = parts;
  const { database, name, timeoutMs } = waited;
  const endsMs = clock.bootMs() + timeoutMs;
  const until = <Seen>(look: () => Promise<Seen | undefined>): Promise<Seen> =>
    waitUntil(
      clock,
      {
        timeoutMs: Math.max(0, endsMs - clock.bootMs()),
        everyMs: bounds.lookAgainMs,
        what: `store ${store}: ${name} is waited for`,
      },
      look,
    );
  const ask = async <Row>(sql: string, values: readonly unknown[] = []): Promise<Row | undefined> =>
    (await databases.query<Row>(database, sql, values))[0];
  try {
    await until(() => ask(isNamedSql, [name])); // W1
    await until(() => ask(isCheckpointerIdleSql)); // W2
    const inside = await databases.query<{ inside: string }>(database, insideSql);
    const former = inside.map((each) => each.inside);
    await until(() => ask(areGoneSql, [former])); // W3
    const flushed = await ask<{ lsn: string }>('SELECT pg_current_wal_flush_lsn()::text AS lsn');
    await until(() => ask(hasConfirmedSql, [name, flushed?.lsn])); // W4
    return true;
  } catch (error) {
    if (error instanceof TimedOutError) return false;
    throw error;
  }
}

const isNamedSql = `
  SELECT FROM pg_stat_replication WHERE application_name = $1 AND sync_state = 'sync'`;

const isCheckpointerIdleSql = `
  SELECT FROM pg_stat_activity
   WHERE backend_type = 'checkpointer' AND wait_event = 'CheckpointerMain'`;

const areGoneSql = `
  SELECT WHERE NOT EXISTS (SELECT FROM (${insideSql}) AS now WHERE now.inside = ANY ($1))`;

const hasConfirmedSql = `
  SELECT FROM pg_stat_replication
   WHERE application_name = $1 AND sync_state = 'sync' AND flush_lsn >= $2::pg_lsn`;
