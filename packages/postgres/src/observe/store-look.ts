import { type EngineParts, maintenanceDatabase } from '../connect/engine-parts.ts';

// One look at what a store's shared catalogs and views say of all copies: one query.

export type StoreLook = {
  readonly writtenLsn: string;
  readonly databases: readonly { readonly name: string; readonly comment: string | null }[];
  readonly slots: readonly SlotLook[];
  readonly subscriptions: readonly SubscriptionLook[];
};

export type SlotLook = {
  readonly name: string;
  readonly database: string;
  readonly isActive: boolean;
  readonly isLost: boolean;
  readonly confirmedLsn: string | null;
  readonly lagBytes: number | null;
};

export type SubscriptionLook = {
  readonly name: string;
  readonly database: string;
  readonly isEnabled: boolean;
  readonly isFlushing: boolean;
  readonly workerPid: number | null;
  readonly isConnected: boolean;
  readonly receivedLsn: string | null;
  /** What was applied last of the source, as the origin of the subscription has it. */
  readonly appliedLsn: string | null;
  readonly errors: number;
  readonly conflicts: number;
};

export async function lookAtStore({ databases }: EngineParts): Promise<StoreLook> {
  const [row] = await databases.query<{ look: StoreLook }>(maintenanceDatabase, lookSql);
  if (row === undefined) throw new Error('a query of one row gave none');
  return row.look;
}

// `to_jsonb` of a view's row lets one text serve all versions: PostgreSQL 18 counts conflicts in
// columns `confl_…` (documentation, 27.2.9), which 15 to 17 do not have. A worker has a row before
// it is connected; the time of its first message tells (`-infinity` before).
const lookSql = `
  SELECT json_build_object(
    'writtenLsn', pg_current_wal_lsn(),
    'databases', (
      SELECT coalesce(json_agg(json_build_object(
               'name', datname, 'comment', shobj_description(oid, 'pg_database'))), '[]')
        FROM pg_database WHERE NOT datistemplate),
    'slots', (
      SELECT coalesce(json_agg(json_build_object(
               'name', slot_name, 'database', database, 'isActive', active,
               'isLost', wal_status IS NOT DISTINCT FROM 'lost',
               'confirmedLsn', confirmed_flush_lsn,
               'lagBytes', greatest(pg_current_wal_lsn() - confirmed_flush_lsn, 0))), '[]')
        FROM pg_replication_slots WHERE slot_type = 'logical' AND slot_name LIKE 'us\\_%'),
    'subscriptions', (
      SELECT coalesce(json_agg(json_build_object(
               'name', s.subname, 'database', d.datname, 'isEnabled', s.subenabled,
               'isFlushing', s.subsynccommit = 'local',
               'workerPid', w.pid,
               'isConnected', coalesce(w.last_msg_receipt_time > '-infinity', false),
               'receivedLsn', w.received_lsn,
               'appliedLsn', o.remote_lsn,
               'errors', coalesce(e.apply_error_count + e.sync_error_count, 0),
               'conflicts', (SELECT coalesce(sum(value::bigint), 0)
                               FROM jsonb_each_text(to_jsonb(e))
                              WHERE key LIKE 'confl\\_%'))), '[]')
        FROM pg_subscription s
        JOIN pg_database d ON d.oid = s.subdbid
        LEFT JOIN pg_stat_subscription w ON w.subid = s.oid AND w.relid IS NULL
        LEFT JOIN pg_replication_origin_status o ON o.external_id = 'pg_' || s.oid
        LEFT JOIN pg_stat_subscription_stats e ON e.subid = s.oid)
  ) AS look`;
