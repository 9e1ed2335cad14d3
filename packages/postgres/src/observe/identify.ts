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
    start: { startedAt: row.started, lsn: asLsn(row.begun ?? row.lsn) },
  };
}

type IdentityRow = {
  readonly system: string;
  readonly timeline: number;
  readonly lsn: string | null;
  readonly version: number;
  readonly started: string;
  readonly begun: string | null;
};

// The timeline is the first eight digits of a WAL file's name: pg_control_checkpoint() has the last
// checkpoint's, which a promotion outruns (documentation, 9.28.7).
//
// Where the log ended that this start found: the newest checkpoint's place. A clean shutdown leaves
// one there, and crash recovery writes one there before anybody is let in (documentation, 28.5,
// 9.28.7). Later ones only lie higher, so a store that went on is never suspected. A promotion has
// written none yet on its new timeline: then it is where the log is now.
const identifySql = `
  SELECT system_identifier::text AS system,
         timeline,
         lsn::text AS lsn,
         current_setting('server_version_num')::int AS version,
         (extract(epoch FROM pg_postmaster_start_time()) * 1000000)::bigint::text AS started,
         CASE WHEN timeline_id = timeline THEN checkpoint_lsn::text END AS begun
    FROM pg_control_system(), pg_control_checkpoint(),
         (SELECT ('x' || left(pg_walfile_name(lsn), 8))::bit(32)::int AS timeline, lsn FROM (
          SELECT CASE WHEN pg_is_in_recovery() THEN NULL ELSE pg_current_wal_flush_lsn() END AS lsn)
           AS flushed) AS placed`;
