import type { MountedDataset } from '../data/mounted-dataset.ts';
import type { Statement } from '../data/open-database.ts';
import { importRowsMax } from './read-user-rows.ts';
import {
  clearStaging,
  findImports,
  forgetImport,
  movePiece,
  removePiece,
  setImportState,
} from './import-statements.ts';

// Rows wait in a table that is not replicated. One transaction moves a piece of them: a long one
// would hold back every slot of the store. The users show when the import's row says done
// (decisions/0018).

export type ImportFound = {
  readonly id: string;
  readonly state: 'staging' | 'moving' | 'done';
  readonly rows: number;
  /** Rows that still lie in this store's staging table; counted while moving. */
  readonly staged: number;
};
export type PieceOptions = {
  readonly pieceRows: number;
  readonly realm: string;
  readonly onProgress?: (() => void) | undefined;
};

/** A user comes with about three credentials, and a piece is counted in rows of all tables. */
const rowsPerUser = 4;
const usersOf = (pieceRows: number) => Math.max(1, Math.floor(pieceRows / rowsPerUser));

/** The import of this id, or without one all that are not done. */
export function readImports(
  { database }: MountedDataset,
  id: string | null,
): Promise<readonly ImportFound[]> {
  return database.read<ImportFound>(findImports, [id]);
}

export async function write<Row>(
  { database }: MountedDataset,
  statement: Statement,
  values: readonly unknown[],
): Promise<readonly Row[]> {
  return database.write((session) => session.query<Row>(statement, values));
}

/** Moves what is staged and shows it. Repeats harmlessly from any point. */
export async function moveImport(
  mounted: MountedDataset,
  found: { readonly id: string; readonly rows: number },
  { pieceRows, realm, onProgress }: PieceOptions,
): Promise<void> {
  const { generation } = mounted.mount;
  const size = usersOf(pieceRows);
  type Moved = { readonly rows: number; readonly lastLine: number | null };
  let after = 0;
  for (let piece = 0; piece <= importRowsMax; piece++) {
    const values = [generation, found.id, after, size, realm];
    const [moved] = await write<Moved>(mounted, movePiece, values);
    if (moved === undefined || moved.lastLine === null) break;
    after = moved.lastLine;
    onProgress?.();
  }
  await write(mounted, setImportState, [generation, found.id, 'done', found.rows]);
  await write(mounted, clearStaging, [found.id]);
}

/** Takes back all of an import that is not done: nobody has seen any of it. */
export async function abandonImport(
  mounted: MountedDataset,
  id: string,
  { pieceRows }: { readonly pieceRows: number },
): Promise<void> {
  const { generation } = mounted.mount;
  const size = usersOf(pieceRows);
  for (let piece = 0; piece <= importRowsMax; piece++) {
    const values = [generation, id, size];
    const [removed] = await write<{ readonly rows: number }>(mounted, removePiece, values);
    if (removed === undefined || removed.rows === 0) break;
  }
  await write(mounted, forgetImport, [generation, id]);
  await write(mounted, clearStaging, [id]);
}
