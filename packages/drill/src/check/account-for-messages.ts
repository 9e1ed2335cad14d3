import type { Client } from 'pg';
import { type Accounting, findServingStore, NotAccountableError } from './account-for-writes.ts';
import { databaseOf, withDatabase } from './copy-database.ts';
import type { AcknowledgedMessage, MessageLedger } from './message-ledger.ts';

// A message that was acknowledged has been heard by its phone, or waits for it in the serving copy.
// One that was kept is a write too: whether its row is there at all is counted with the writes.

export type MessageAccounting = Pick<Accounting, 'stores' | 'pools'> & {
  readonly messages: MessageLedger;
};

/** Acknowledged until `untilMs`, and neither heard nor waiting. */
export async function findUndelivered(
  accounting: MessageAccounting,
  untilMs: number,
): Promise<readonly AcknowledgedMessage[]> {
  const found: AcknowledgedMessage[] = [];
  for (const copies of accounting.pools) {
    const asked = accounting.messages.unheard(copies.pool).filter(({ endMs }) => endMs <= untilMs);
    if (asked.length === 0) continue;
    const { stores } = accounting;
    const store = await findServingStore(stores, copies);
    const database = databaseOf(copies.dataset);
    const left = await withDatabase({ stores, store, database }, (client) =>
      notWaitingIn(client, asked),
    );
    if (left === undefined) throw new NotAccountableError(`${store} does not answer`);
    // Asked after the store: what was taken meanwhile has been heard by now.
    found.push(...left.filter(({ isHeard }) => !isHeard()));
  }
  return found;
}

/** A kept message whose row is lost is counted there; here only those that are not to be sent. */
async function notWaitingIn(
  client: Client,
  messages: readonly AcknowledgedMessage[],
): Promise<readonly AcknowledgedMessage[]> {
  const { rows } = await client.query<{ id: string; isWaiting: boolean }>(
    `SELECT m.body AS id, EXISTS (SELECT FROM app.undelivered w WHERE w.message_id = m.id)
            AS "isWaiting" FROM app.messages m WHERE m.body = ANY($1::text[])`,
    [messages.map(({ id }) => id)],
  );
  const waiting = new Map(rows.map(({ id, isWaiting }) => [id, isWaiting]));
  return messages.filter(
    ({ id, how }) => waiting.get(id) !== true && (how === 'delivered' || waiting.has(id)),
  );
}
