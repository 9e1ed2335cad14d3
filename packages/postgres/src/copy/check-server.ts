import { EngineRefusedError } from '@understudy/ports';
import type { Databases } from '../connect/databases.ts';
import { maintenanceDatabase } from '../connect/engine-parts.ts';
import { missingRightsHere } from './check-rights.ts';

/** What a server of one's own must be and have before it can hold copies. */
export type ServerFacts = {
  readonly version: number;
  readonly walLevel: string;
  readonly preparedTransactionsMax: number;
};

const factsSql = `
  SELECT current_setting('server_version_num')::int AS version,
         current_setting('wal_level') AS "walLevel",
         current_setting('max_prepared_transactions')::int AS "preparedTransactionsMax"`;

/** Refuses a server or user that cannot hold copies, with all that is wrong at once. */
export async function checkServer(databases: Databases): Promise<void> {
  const { store } = databases;
  const [facts] = await databases.query<ServerFacts>(maintenanceDatabase, factsSql);
  const rights = await missingRightsHere(databases);
  const wrong = [...(facts === undefined ? [] : findWrong(facts)), ...rights];
  if (wrong.length > 0) throw new EngineRefusedError(`store ${store}: ${wrong.join('; ')}`);
}

/** What is wrong, each with what would be right; empty when the server will do. */
export function findWrong({
  version,
  walLevel,
  preparedTransactionsMax,
}: ServerFacts): readonly string[] {
  const wrong: string[] = [];
  if (version < 150_000) {
    wrong.push(`it runs PostgreSQL ${Math.floor(version / 10_000)}, and 15 or later is needed`);
  }
  if (walLevel !== 'logical') {
    wrong.push(`wal_level is ${walLevel}: set it to logical and restart the server`);
  }
  // E8: a prepared transaction holds slots back for as long as it stands.
  if (preparedTransactionsMax !== 0) {
    wrong.push('max_prepared_transactions is not 0: set it to 0 and restart the server');
  }
  return wrong;
}
