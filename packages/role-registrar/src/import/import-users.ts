import { counted } from '@understudy/core';
import type { Imported } from '@understudy/api';
import type { Log } from '@understudy/ports';
import { type Administered, checkRoom } from '../admin/administer-users.ts';
import { systemChance } from '@understudy/ports/system';
import { isDefinite } from '../data/open-database.ts';
import { Problem } from '../problem.ts';
import { groupOf } from '../data/group-of.ts';
import { beginImport, namesTaken, setImportState, stageRows } from './import-statements.ts';
import { abandonImport, moveImport, readImports, write } from './move-import.ts';
import { badLinesMax, createUserRowReader, type UserRow } from './read-user-rows.ts';

export type ImportOptions = {
  /** Chosen by the client: the same id again does nothing twice (E13). */
  readonly id: string;
  readonly pieceRows: number;
  readonly log: Log;
  /** Called whenever a piece of it is done. */
  readonly onProgress?: () => void;
};
type Bytes = AsyncIterable<Uint8Array>;

const importBytesMax = 512 * 1024 * 1024;
const stagedAtOnce = 2_000;
/** Of the advisory lock that one import per dataset holds; it falls with its connection. */
export const importLock = [21_333, 1] as const;

/** All users of a CSV, or none: a Problem `badLines` names what is wrong with which line. */
export async function importUsers(
  at: Administered,
  body: Bytes,
  options: ImportOptions,
): Promise<Imported> {
  const done = await at.mounted.database.alone(importLock, () => importAlone(at, body, options));
  if (done !== undefined) return done.result;
  const todo = 'wait until it is done, and look at the list of users';
  throw new Problem('refused', { what: 'another import into this pool is going on', todo });
}

async function importAlone(
  at: Administered,
  body: Bytes,
  options: ImportOptions,
): Promise<Imported> {
  const { id, pieceRows, onProgress } = options;
  const { mounted, realm } = at;
  const [found] = await readImports(mounted, id);
  if (found?.state === 'done') {
    return { id, rows: found.rows, why: 'this import was done before; nothing was done again' };
  }
  if (found !== undefined) await abandonImport(mounted, id, { pieceRows });
  await write(mounted, beginImport, [mounted.mount.generation, id, `import ${id}`]);
  try {
    const rows = await stage(at, body, options);
    await checkStaged(at, id, rows);
    await write(mounted, setImportState, [mounted.mount.generation, id, 'moving', rows]);
    await moveImport(mounted, { id, rows }, { pieceRows, realm, onProgress });
    return { id, rows, why: `${counted(rows, 'user')} imported; all of them show since now` };
  } catch (error) {
    throw await takenBack(at, error, options);
  }
}

/** Reads the next lines while the store takes the last: one piece is on its way at most. */
async function stage(at: Administered, body: Bytes, options: ImportOptions): Promise<number> {
  let writing: Promise<unknown> = Promise.resolve();
  const send = async (piece: readonly UserRow[]): Promise<void> => {
    await writing;
    writing = stagePiece(at, piece, options);
    writing.catch(() => {}); // Told by the next piece, or at the end.
  };
  try {
    const rows = await readRows(at, body, send);
    await writing;
    return rows;
  } finally {
    // Whoever clears away what was staged must come after all of it.
    await writing.catch(() => undefined);
  }
}

async function stagePiece(
  { mounted, pool }: Administered,
  piece: readonly UserRow[],
  { id, onProgress }: ImportOptions,
): Promise<void> {
  const values = piece.map((row) => stagedValue(row, groupOf(row.name, pool, mounted)));
  await write(mounted, stageRows, [id, piece.map(({ line }) => line), values]);
  onProgress?.();
}

type Send = (piece: readonly UserRow[]) => Promise<void>;

async function readRows({ realm }: Administered, body: Bytes, send: Send): Promise<number> {
  const reader = createUserRowReader(realm);
  let waiting: UserRow[] = [];
  let [rows, bytes] = [0, 0];
  const flush = async (atLeast: number) => {
    while (waiting.length > 0 && waiting.length >= atLeast) {
      const piece = waiting.slice(0, stagedAtOnce);
      waiting = waiting.slice(stagedAtOnce);
      await send(piece);
    }
  };
  const take = (more: readonly UserRow[]) => {
    rows += more.length;
    // Once a line is bad, the rest is only read to name the other bad ones.
    if (reader.badCount() === 0) waiting.push(...more);
  };
  for await (const chunk of body) {
    bytes += chunk.length;
    if (bytes > importBytesMax) {
      const what = `an import has at most ${importBytesMax} bytes`;
      throw new Problem('tooLarge', { what, todo: 'import in several files' });
    }
    take(reader.push(chunk));
    await flush(stagedAtOnce);
  }
  take(reader.end());
  if (reader.badCount() > 0) throw badLines(reader.badCount(), reader.bad);
  await flush(1);
  return rows;
}

function stagedValue(row: UserRow, group: string): string {
  const { name, displayName, credentials } = row;
  const withIds = credentials.map((each) => ({ id: systemChance.uuid(), ...each }));
  return JSON.stringify({
    id: systemChance.uuid(),
    name,
    displayName,
    group,
    credentials: withIds,
  });
}

async function checkStaged(at: Administered, id: string, rows: number): Promise<void> {
  type Taken = { readonly line: number; readonly name: string };
  const found = await at.mounted.database.read<Taken>(namesTaken, [id, badLinesMax]);
  if (found.length > 0) {
    const bad = found.map(({ line, name }) => ({ line, why: `there is a user ${name} already` }));
    throw badLines(bad.length, bad);
  }
  await checkRoom(at, rows);
}

function badLines(count: number, bad: readonly { readonly line: number; readonly why: string }[]) {
  const [first] = bad;
  return new Problem('badLines', {
    what: `${counted(count, 'bad line')}; the first: ${first?.why}`,
    where: `line ${first?.line}`,
    todo: 'correct them and import again',
    badLines: bad,
  });
}

/**
 * Nothing of a failed import stays. Where that cannot be seen to now (the store is gone, the gate
 * was shut), the next mount finishes it or clears it away (settle-imports).
 */
async function takenBack(at: Administered, error: unknown, options: ImportOptions) {
  const isUnknown = error instanceof Problem && error.status === 503;
  if (!isUnknown) {
    await abandonImport(at.mounted, options.id, options).catch((cause: unknown) => {
      options.log.say('warn', `import ${options.id} is cleared away later: ${String(cause)}`);
    });
  }
  if (error instanceof Problem) return error;
  const what = isDefinite(error) ? `the store refused it: ${error.message}` : String(error);
  const todo = 'import again; nothing of it was kept';
  return Object.assign(new Problem('failed', { what, todo }), { cause: error });
}
