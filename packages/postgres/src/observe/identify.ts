import { asLsn, type StoreIdentity } from '@understudy/core';
import { type EngineParts, maintenanceDatabase } from '../connect/engine-parts.ts';
import { EngineRefusedError } from '@understudy/ports';

/** What makes this store itself and not its own past (E10). */
export async function identify({ databases, store }: EngineParts): Promise<StoreIdentity> {
  const [row] = await databases.query<IdentityRow>(maintenanceDatabase, identifySql);
  if (row === undefined || row.lsn === null) {
    throw new EngineRefusedError(
      `store ${store} is a physical standby: give the URL of the server that takes writes`,
    );
  }
  return {
    store,
    systemIdentifier: row.system,
    timeline: row.timeline,
    flushedLsn: asLsn(row.lsn),
    version: row.version,
  };
}

type IdentityRow = {
  readonly system: string;
  readonly timeline: number;
  readonly lsn: string | null;
  readonly version: number;
};

// The timeline is the first eight digits of a WAL file's name: pg_control_checkpoint() has the last
// checkpoint's, which a promotion outruns (documentation, 9.28.7).
const identifySql = `
  SELECT system_identifier::text AS system,
         ('x' || left(pg_walfile_name(lsn), 8))::bit(32)::int AS timeline,
         lsn::text AS lsn,
         current_setting('server_version_num')::int AS version
    FROM pg_control_system(),
         (SELECT CASE WHEN pg_is_in_recovery() THEN NULL ELSE pg_current_wal_flush_lsn() END AS lsn)
           AS flushed`;
