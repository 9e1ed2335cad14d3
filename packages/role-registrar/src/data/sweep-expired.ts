import type { MountedDataset } from './mounted-dataset.ts';
import type { Statement } from './open-database.ts';

// Bindings, messages that wait and marks of queued changes end by themselves; nobody asks for what
// has ended, so what is left of it is cleared away now and then, in pieces that hold up nobody.

const pieceRows = 1_000;

const sweeps = [
  sweep('bindings', 'id'),
  sweep('undelivered', 'message_id'),
  sweep('guest_bindings', 'id'),
  sweep('applied_changes', 'id'),
];

function sweep(table: string, key: string): Statement {
  return {
    name: `sweep_${table}`,
    text: `
      with gate as (select understudy.check_gate($1::bigint) as is_open)
      delete from app.${table} t using gate
       where gate.is_open and t.${key} in (
         select ${key} from app.${table} where expires_at < now() order by expires_at limit $2)`,
  };
}

/** Clears away a piece of what has expired; the next call takes the next. */
export async function sweepExpired({ database, mount }: MountedDataset): Promise<void> {
  const values = [mount.generation, pieceRows];
  for (const statement of sweeps) {
    await database.write((session) => session.query(statement, values));
  }
}
