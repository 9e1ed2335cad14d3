import type { VerifyResult } from '@understudy/core';
import type { CopyJson } from '../copy/copy-row.ts';
import { databaseUsers } from '../connect/database-user.ts';
import type { EngineParts } from '../connect/engine-parts.ts';

// One look into the database of a copy: one query.

export type CopyLook = {
  readonly copy: CopyJson;
  readonly migration: number;
  readonly tablesHash: string;
  readonly gate: GateLook | null;
  readonly heartbeat: HeartbeatLook | null;
  readonly marker: MarkerLook | null;
  readonly links: readonly LinkLook[];
  readonly tablesReady: number;
  readonly tablesTotal: number;
  readonly refusesFollowers: boolean | null;
  readonly verified: VerifyResult | null;
};

type GateLook = {
  readonly isOpen: boolean;
  readonly generation: number;
  readonly validUntilMs: number;
  /** Name of a link. */
  readonly waitsFor: string | null;
};
type HeartbeatLook = {
  readonly generation: number;
  readonly number: number;
  readonly writes: number;
  readonly tables_hash: string;
  readonly migration: number;
};
type MarkerLook = {
  readonly dataset: string;
  readonly generation: number;
  readonly run: string;
  readonly attempt: number;
  readonly tables_hash: string;
  readonly migration: number;
};
export type LinkLook = {
  readonly name: string;
  readonly from_store: string;
  readonly to_store: string;
  readonly since: number;
  readonly standing_lsn: string | null;
};

export async function lookAtCopy(
  { databases }: EngineParts,
  database: string,
): Promise<CopyLook | undefined> {
  const [row] = await databases.query<{ look: CopyLook }>(database, lookSql);
  return row?.look;
}

const lookSql = `
  SELECT json_build_object(
    'copy', row_to_json(copy),
    'migration', (SELECT max(level) FROM understudy.migrations),
    'tablesHash', understudy.tables_hash(),
    'gate', (
      SELECT json_build_object(
               'generation', generation, 'validUntilMs', valid_until_ms,
               -- A copy of an earlier level has no such column.
               'waitsFor', to_jsonb(gate)->>'waits_for',
               'isOpen', valid_until_ms > understudy.clock_ms()
                         AND postmaster_started = pg_postmaster_start_time())
        FROM understudy.gate),
    'heartbeat', (SELECT row_to_json(heartbeat) FROM app.heartbeat),
    'marker', (SELECT row_to_json(fence_marker) FROM app.fence_marker),
    'links', (SELECT coalesce(json_agg(row_to_json(link)), '[]') FROM understudy.link),
    'tablesReady', (SELECT count(*) FROM pg_subscription_rel WHERE srsubstate = 'r'),
    'tablesTotal', (SELECT count(*) FROM pg_subscription_rel),
    'refusesFollowers', (
      SELECT NOT has_database_privilege(rolname, current_database(), 'CONNECT')
        FROM pg_roles WHERE rolname = '${databaseUsers.replication}'),
    'verified', (SELECT result FROM understudy.verification)
  ) AS look
  FROM understudy.copy`;
