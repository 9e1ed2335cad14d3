import { lagBytes, type Lsn } from '@understudy/core';
import type { Session } from '../connect/databases.ts';
import { literal } from '../connect/sql-text.ts';
import { textSettingsSql } from '../connect/text-settings.ts';
import { TailDecoder, type TailTransaction } from './decode-pgoutput.ts';

const rowsPerFetch = 500;

export type TailPlace = {
  /** The slot and its publication have one name (E2). */
  readonly slot: string;
  /** A1: what the survivor has. Nothing up to here is read. */
  readonly after: Lsn;
};

/**
 * Gives the transactions of a slot that were committed behind `after`, whole and in commit order,
 * until `take` says that it is enough; true when the end was reached. The slot stays as it is: the
 * tail can be read again.
 */
export async function readTail(
  session: Session,
  { slot, after }: TailPlace,
  take: (transaction: TailTransaction) => Promise<boolean>,
): Promise<boolean> {
  const decoder = new TailDecoder();
  await session.query(`BEGIN READ ONLY; ${textSettingsSql}`);
  // A cursor: the server keeps what does not fit into its memory in a file of its own.
  await session.query(
    `DECLARE tail NO SCROLL CURSOR FOR
      SELECT data FROM pg_logical_slot_peek_binary_changes(
        ${literal(slot)}, NULL, NULL, 'proto_version', '1', 'publication_names', ${literal(slot)})`,
  );
  for (;;) {
    const rows = await session.query<{ data: Buffer }>(`FETCH ${rowsPerFetch} FROM tail`);
    for (const { data } of rows) {
      const transaction = decoder.take(data);
      if (transaction === undefined || lagBytes(after, transaction.endLsn) === 0) continue;
      if (!(await take(transaction))) return false;
    }
    // Ends: the cursor holds what stood in the slot when it was opened.
    if (rows.length < rowsPerFetch) break;
  }
  await session.query('COMMIT');
  return true;
}
