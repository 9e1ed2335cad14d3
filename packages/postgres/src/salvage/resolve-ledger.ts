import type { ResolveLedger } from '@understudy/core';
import type { EngineParts } from '../connect/engine-parts.ts';
import { inTransaction } from '../connect/databases.ts';
import { requireCopy } from '../copy/find-copy.ts';
import { entryIdSql } from './read-ledger.ts';

/**
 * Notes what a person decided about entries that wait, through the gate; how many it were. One that
 * is resolved already stays as it was.
 */
export async function resolveLedger(parts: EngineParts, order: ResolveLedger): Promise<number> {
  const { dataset, generation, ids, by, why } = order;
  const database = await requireCopy(parts, dataset);
  return await parts.databases.session({ database }, (session) =>
    inTransaction(session, async () => {
      await session.query('SELECT understudy.check_gate($1)', [generation]);
      const rows = await session.query(
        `UPDATE app.ledger l SET resolved_by = $2, resolved_at = now(), resolution = $3
          WHERE ${entryIdSql} = ANY ($1) AND outcome IN ('conflict', 'refused')
            AND resolved_at IS NULL RETURNING 1`,
        [ids, by, why],
      );
      return rows.length;
    }),
  );
}
