import { asLsn, lagBytes, type Link, linkName, type Lsn } from '@understudy/core';
import { EngineRefusedError, LineUnshownError } from '@understudy/ports';
import type { Session } from '../connect/databases.ts';
import { literal } from '../connect/sql-text.ts';
import type { CopyRow } from '../copy/copy-row.ts';

// A4: where a copy goes on at a new active copy that was forced. Both followed the same lost one,
// and one worker applied it here in its order, so the slot kept for this copy holds its
// transactions in that order, each with the position at which it was committed there: pgoutput's
// ORIGIN message (documentation, 55.9). The subscription that brought them is gone by now, and its
// origin with it; decoding sees the catalog as it was.
//
// O1. Begin at the first transaction behind what this copy has; where it lacks none, at the mount.
// O2. The slot must show a transaction that this copy has: then it holds all that came after.
// O3. All that stands there before the mount came from the lost copy, or nothing is shown: a table
//     that was copied later, as a whole, is in no order.

type Source = {
  readonly originFrom: string | null;
  readonly originLsn: string | null;
  readonly isAhead: boolean | null;
  readonly standing: string | null;
};

/** Messages fetched at a time, and what is read of each: position and name of an origin. */
const rowsPerFetch = 1_000;
const headBytes = 120;

/** The place in the source's log where `copy` has to begin, read in a session on the source. */
export async function findStartByPosition(
  session: Session,
  { copy, link }: { readonly copy: CopyRow; readonly link: Link },
): Promise<Lsn> {
  const { origin } = copy;
  const source = await readSourceOrigin(session, { copy, link });
  const what = `${link.dataset} on ${link.to}`;
  if (origin === undefined || origin.from !== source?.originFrom) {
    const why = `${link.from} followed ${source?.originFrom ?? 'nobody'} last`;
    throw new LineUnshownError(`${what} followed ${origin?.from ?? 'nobody'} last, and ${why}`);
  }
  if (source.isAhead !== false) {
    throw new EngineRefusedError(`${what} has more of ${origin.from} than ${link.from} had`);
  }
  if (source.standing === null) throw new EngineRefusedError(`${link.from} is not mounted yet`);
  const end = asLsn(source.standing);
  return await searchSlot(session, { slot: linkName(link), has: origin.lsn, end, what });
}

async function readSourceOrigin(
  session: Session,
  { copy, link }: { readonly copy: CopyRow; readonly link: Link },
): Promise<Source | undefined> {
  const [row] = await session.query<Source>(
    `SELECT c.origin_from AS "originFrom", c.origin_lsn::text AS "originLsn",
            $2::pg_lsn > c.origin_lsn AS "isAhead", l.standing_lsn::text AS standing
       FROM understudy.copy c LEFT JOIN understudy.link l ON l.name = $1 AND l.is_frozen`,
    [linkName(link), copy.origin?.lsn ?? null],
  );
  return row;
}

type Search = {
  readonly slot: string;
  /** What of the lost copy is here. */
  readonly has: Lsn;
  /** Where the mount stands in the source's log: all behind it is its own. */
  readonly end: Lsn;
  readonly what: string;
};

async function searchSlot(session: Session, { slot, has, end, what }: Search): Promise<Lsn> {
  const search = createSearch(has);
  await session.query('BEGIN READ ONLY');
  await session.query(
    `DECLARE search NO SCROLL CURSOR FOR
      SELECT substring(data FOR ${headBytes}) AS head
        FROM pg_logical_slot_peek_binary_changes(
               ${literal(slot)}, ${literal(end)}, NULL,
               'proto_version', '1', 'publication_names', ${literal(slot)})
       WHERE chr(get_byte(data, 0)) IN ('B', 'O')`,
  );
  for (;;) {
    const rows = await session.query<{ head: Buffer }>(`FETCH ${rowsPerFetch} FROM search`);
    for (const { head } of rows) search.take(head);
    if (rows.length < rowsPerFetch) break;
  }
  await session.query('COMMIT');
  const found = search.end();
  if (found.isShown) return found.begin ?? end;
  throw new LineUnshownError(`nothing shows what ${what} lacks: ${found.why}`);
}

type Transaction = { readonly begin: Lsn; origin?: { readonly lsn: Lsn; readonly name: string } };
type Searched =
  | { readonly isShown: true; readonly begin: Lsn | undefined }
  | { readonly isShown: false; readonly why: string };

/**
 * Takes the BEGIN and ORIGIN messages of a slot in their order, up to the mount; `end` tells where
 * the first transaction stands that is lacked, undefined where none is.
 */
export function createSearch(has: Lsn): {
  take(message: Buffer): void;
  end(): Searched;
} {
  let open: Transaction | undefined;
  let isShown = false;
  let lacked: Transaction | undefined;
  let odd: Transaction | undefined;
  const close = (): void => {
    if (open === undefined) return;
    if (!isApplied(open)) odd ??= open;
    else if (lacked !== undefined) return;
    else if (lagBytes(has, open.origin.lsn) === 0) isShown = true;
    else lacked = open;
  };
  return {
    take(message) {
      if (message[0] === 'O'.charCodeAt(0)) {
        const name = message.subarray(9, message.indexOf(0, 9)).toString();
        if (open !== undefined) open.origin = { lsn: lsnAt(message), name };
        return;
      }
      close();
      open = { begin: lsnAt(message) };
    },
    end() {
      close();
      if (odd !== undefined) return { isShown: false, why: `${odd.begin} came from nobody's log` };
      if (isShown) return { isShown, begin: lacked?.begin };
      const first = lacked?.origin?.lsn;
      const why = first === undefined ? 'is empty' : `begins too late, with ${first}`;
      return { isShown, why: `the slot kept for it ${why}` };
    },
  };
}

/** An apply worker's origin is `pg_` and a number; those that copy a table have a second one. */
function isApplied(each: Transaction): each is Required<Transaction> {
  return each.origin !== undefined && /^pg_\d+$/.test(each.origin.name);
}

/** The position that BEGIN and ORIGIN messages open with. */
function lsnAt(message: Buffer): Lsn {
  const [high, low] = [message.readUInt32BE(1), message.readUInt32BE(5)];
  return asLsn(`${high.toString(16)}/${low.toString(16)}`.toUpperCase());
}
