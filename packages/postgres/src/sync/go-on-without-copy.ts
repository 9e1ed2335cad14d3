import type { DatasetName, Generation } from '@understudy/core';
import { TimedOutError } from '@understudy/ports';
import { bounds } from '../connect/bounds.ts';
import { type EngineParts, maintenanceDatabase } from '../connect/engine-parts.ts';
import { waitUntil } from '../connect/wait-until.ts';
import { requireCopy } from '../copy/find-copy.ts';
import { insideSql } from './writers-inside.ts';

/**
 * V7, the way back, once it is recorded: no write waits any more. Those that wait are terminated:
 * cancelled, PostgreSQL would answer their COMMIT, with no more than a warning (SQLSTATE 01000).
 */
export async function goOnWithoutCopy(
  parts: EngineParts,
  order: {
    readonly dataset: DatasetName;
    readonly generation: Generation;
    readonly timeoutMs: number;
  },
): Promise<void> {
  const { databases, log, store } = parts;
  const database = await requireCopy(parts, order.dataset);
  await databases.query(
    database,
    'UPDATE understudy.gate SET waits_for = NULL WHERE generation = $1',
    [order.generation],
  );
  const inside = await databases.query<{ inside: string }>(database, insideSql);
  const former = inside.map((each) => each.inside);
  const ended = await endWaiting(parts, { database, former, timeoutMs: order.timeoutMs });
  if (ended > 0) log.say('warn', `${ended} writes of ${order.dataset} waited on ${store} in vain.`);
  await forgetFollower(parts);
}

type Ending = {
  readonly database: string;
  readonly former: readonly string[];
  readonly timeoutMs: number;
};

/** Whoever was inside may come to wait until its transaction is over; how many were ended. */
async function endWaiting(parts: EngineParts, ending: Ending): Promise<number> {
  const { clock, databases, store } = parts;
  const { database, former, timeoutMs } = ending;
  const what = `store ${store}: nobody of ${database} waits for its synchronous copy`;
  let ended = 0;
  try {
    await waitUntil(clock, { timeoutMs, everyMs: bounds.endSessionsAgainMs, what }, async () => {
      const killed = await databases.query(database, endWaitingSql);
      ended += killed.length;
      const inside = await databases.query<{ inside: string }>(database, insideSql);
      const isOver = inside.every((each) => !former.includes(each.inside));
      return isOver && killed.length === 0 ? true : undefined;
    });
  } catch (error) {
    // Somebody is idle inside of a transaction: its COMMIT will find that nobody waits.
    if (!(error instanceof TimedOutError)) throw error;
  }
  return ended;
}

const endWaitingSql = `
  SELECT pg_terminate_backend(pid) FROM pg_stat_activity
   WHERE datname = current_database() AND wait_event = 'SyncRep'`;

/** What an operator set stays (waitForCopy refuses to change it). */
async function forgetFollower({ databases }: EngineParts): Promise<void> {
  const [ours] = await databases.query(
    maintenanceDatabase,
    `SELECT FROM pg_settings
      WHERE name = 'synchronous_standby_names' AND setting LIKE 'us\\_%'`,
  );
  if (ours === undefined) return;
  for (const sql of [
    'ALTER SYSTEM RESET synchronous_standby_names',
    'ALTER SYSTEM RESET synchronous_commit',
    'SELECT pg_reload_conf()',
  ]) {
    await databases.query(maintenanceDatabase, sql);
  }
}
