import type { Generation } from '@understudy/core';
import { identifier } from '../connect/sql-text.ts';
import type { TailChange } from './decode-pgoutput.ts';
import type { MergedTable } from './merged-table.ts';
import { isPlaceColumn, type Looking, placeSql, placeValues } from './row-there.ts';

export type Applying = Looking & { readonly generation: Generation };

/**
 * Writes one change of the tail into the active copy; gives the number of the transaction that the
 * row carries from then on, undefined where it is deleted.
 */
export async function applyChange(
  applying: Applying,
  table: MergedTable,
  change: TailChange & { readonly isThere: boolean },
): Promise<string | undefined> {
  if (change.act === 'delete') return await deleteRow(applying, table, change);
  return change.isThere
    ? await updateRow(applying, table, change)
    : await insertRow(applying, table, change);
}

async function deleteRow(
  { session }: Applying,
  table: MergedTable,
  { row }: TailChange,
): Promise<undefined> {
  await session.query(
    `DELETE FROM app.${identifier(table.name)} t WHERE ${placeSql(table, 1)}`,
    placeValues(table, row),
  );
  return undefined;
}

async function updateRow(
  { session }: Applying,
  table: MergedTable,
  { row, oldKey }: TailChange,
): Promise<string | undefined> {
  const columns = [...row.keys()];
  const sets = columns.map((column, index) => `${identifier(column)} = $${index + 1}`);
  const [written] = await session.query<{ xid: string }>(
    `UPDATE app.${identifier(table.name)} t SET ${sets.join(', ')}
      WHERE ${placeSql(table, columns.length + 1)} RETURNING t.xmin::text AS xid`,
    [...row.values(), ...placeValues(table, oldKey ?? row)],
  );
  return written?.xid;
}

async function insertRow(
  { session, generation }: Applying,
  table: MergedTable,
  { row }: TailChange,
): Promise<string | undefined> {
  const told = table.isPlaced ? [...row].filter(([column]) => !isPlaceColumn(column)) : [...row];
  const names = told.map(([column]) => identifier(column));
  const values = told.map((_, index) => `$${index + 1}`);
  if (table.isPlaced) {
    names.push('place', 'generation');
    values.push(nextPlaceSql(table, told.findIndex(([column]) => column === 'to_user') + 1));
    values.push(String(generation));
  }
  const [written] = await session.query<{ xid: string }>(
    `INSERT INTO app.${identifier(table.name)} AS t (${names.join(', ')})
     VALUES (${values.join(', ')}) RETURNING t.xmin::text AS xid`,
    told.map(([, value]) => value),
  );
  return written?.xid;
}

/** As the roles count (E13); the mailbox's lock is held. */
function nextPlaceSql({ name }: MergedTable, parameter: number): string {
  return `coalesce((SELECT m.place FROM app.${identifier(name)} m WHERE m.to_user = $${parameter}
                     ORDER BY m.generation DESC, m.place DESC LIMIT 1), 0) + 1`;
}
