import { type DatasetId, type DatasetName, databaseName } from '@understudy/core';
import { EngineRefusedError } from '@understudy/ports';
import { bounds } from '../connect/bounds.ts';
import { type EngineParts, maintenanceDatabase } from '../connect/engine-parts.ts';
import { identifier, literal } from '../connect/sql-text.ts';
import { migrateCopy } from '../migrate/migrate-copy.ts';
import { databaseUsers } from '../connect/database-user.ts';
import { checkServer } from './check-server.ts';
import { writeCopyLabel } from './database-label.ts';
import { dropDatabase } from './drop-database.ts';
import { ensureDatabaseUsers } from './ensure-database-users.ts';
import { findCopy } from './find-copy.ts';

export type NewCopy = {
  readonly dataset: DatasetName;
  readonly id: DatasetId;
  /** True at birth; false for a copy that is seeded, until its tables are copied. */
  readonly isWhole: boolean;
};

const reservedNames = new Set<string>(['control', 'postgres', 'template0', 'template1']);

/** Makes an empty copy with its schema; one with this id that stands already is left as it is. */
export async function createCopy(parts: EngineParts, copy: NewCopy): Promise<void> {
  const database = databaseName(copy.dataset);
  if (reservedNames.has(database)) {
    throw new EngineRefusedError(`a dataset cannot be named ${copy.dataset}: choose another name`);
  }
  const found = await findCopy(parts, copy.dataset);
  if (found.kind === 'copy' && found.id === copy.id) return;
  if (found.kind === 'copy' || found.kind === 'foreign') {
    const what = found.kind === 'copy' ? `dataset ${found.id}` : 'a database that is not ours';
    throw new EngineRefusedError(
      `store ${parts.store} has ${what} under the name ${database}: move it away first`,
    );
  }
  await checkServer(parts.databases);
  await ensureDatabaseUsers(parts);
  // What a killed creation left behind has no label and no data.
  if (found.kind === 'unfinished') await dropDatabase(parts, database);
  await createDatabase(parts, database);
  await migrateCopy(parts, database);
  await parts.databases.query(
    database,
    'INSERT INTO understudy.copy (dataset, id, store, is_whole) VALUES ($1, $2, $3, $4)',
    [copy.dataset, copy.id, parts.store, copy.isWhole],
  );
  await parts.databases.query(
    maintenanceDatabase,
    `COMMENT ON DATABASE ${identifier(database)} IS ${literal(writeCopyLabel(copy))}`,
  );
}

/**
 * Collation C: the same order of texts on every store, whatever its system's locale library is.
 */
async function createDatabase({ databases }: EngineParts, database: string): Promise<void> {
  const target = { database: maintenanceDatabase, timeoutMs: bounds.databaseStatementMs };
  const name = identifier(database);
  await databases.session(target, async (session) => {
    await session.query(
      `CREATE DATABASE ${name} TEMPLATE template0 ENCODING 'UTF8'
         LOCALE_PROVIDER libc LC_COLLATE 'C' LC_CTYPE 'C'`,
    );
    await session.query(`GRANT CONNECT ON DATABASE ${name} TO ${databaseUsers.replication}`);
    await session.query(`COMMENT ON DATABASE ${name} IS 'understudy unfinished'`);
  });
}
