import type { DatasetName, Generation } from '@understudy/core';
import type { EngineParts } from '../connect/engine-parts.ts';
import { gateShutCode, hasSqlState } from '../connect/engine-error.ts';
import { bounds } from '../connect/bounds.ts';
import { inCopy } from '../copy/find-copy.ts';

// The gating query is referenced by the INSERT: one that is not referenced is never run (E3).
const beatSql = `
  WITH gate AS MATERIALIZED (SELECT understudy.check_gate($1) AS is_open)
  INSERT INTO app.heartbeat (generation, number, writes, tables_hash, migration)
  SELECT $1, 1,
         (SELECT coalesce(sum(n_tup_ins + n_tup_upd + n_tup_del), 0)::bigint
            FROM pg_stat_user_tables WHERE schemaname = 'app'),
         understudy.tables_hash(),
         (SELECT max(level) FROM understudy.migrations)
    FROM gate WHERE gate.is_open
  ON CONFLICT (only_row) DO UPDATE SET
    generation = excluded.generation, number = heartbeat.number + 1, writes = excluded.writes,
    tables_hash = excluded.tables_hash, migration = excluded.migration`;

/** Writes the heartbeat row through the gate; false when the gate is shut. */
export async function beat(
  parts: EngineParts,
  { dataset, generation }: { readonly dataset: DatasetName; readonly generation: Generation },
): Promise<boolean> {
  const answerMs = bounds.beatAnswerMs;
  try {
    await inCopy(parts, dataset, (database) =>
      parts.databases.session({ database, answerMs }, (session) =>
        session.query(beatSql, [generation]),
      ),
    );
    return true;
  } catch (error) {
    if (hasSqlState(error, gateShutCode)) return false;
    throw error;
  }
}
