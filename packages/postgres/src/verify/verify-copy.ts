import {
  type ActiveRecord,
  type DatasetName,
  databaseName,
  type VerifyResult,
} from '@understudy/core';
import { EngineRefusedError } from '@understudy/ports';
import { type Session, withConnection } from '../connect/databases.ts';
import { type EngineParts, sourceUrl } from '../connect/engine-parts.ts';
import { requireCopy } from '../copy/find-copy.ts';
import { readSubscription } from '../follow/subscription.ts';
import { compareTables } from './compare-tables.ts';
import { takeSnapshotPair, type VerifySessions } from './snapshot-pair.ts';

export type VerifyRequest = {
  readonly dataset: DatasetName;
  readonly record: ActiveRecord;
  readonly findingsMax: number;
  readonly timeoutMs: number;
};

/** Compares this passive copy with the active one at the same transaction (E11). */
export async function verifyCopy(
  parts: EngineParts,
  request: VerifyRequest,
): Promise<VerifyResult> {
  const { dataset, record } = request;
  const database = await requireCopy(parts, dataset);
  const subscription = await readSubscription(parts, database);
  if (record.active === parts.store || subscription?.isEnabled !== true) {
    throw new EngineRefusedError(
      `the copy of ${dataset} on ${parts.store} follows nobody now: verify one that does`,
    );
  }
  const result = await withVerifySessions(parts, request, async (sessions) => {
    const { findingsMax } = request;
    const { generation } = record;
    // A copy that is detached meanwhile never reaches the marker: this wait is no seed's.
    const timeoutMs = Math.min(request.timeoutMs, parts.limits.steadyTimeoutMs);
    await takeSnapshotPair(sessions, { generation, timeoutMs, clock: parts.clock });
    const compared = await compareTables(sessions, findingsMax);
    return { atMs: parts.clock.nowMs(), generation, ...compared };
  });
  await parts.databases.query(
    databaseName(dataset),
    'UPDATE understudy.verification SET result = $1',
    [JSON.stringify(result)],
  );
  return result;
}

async function withVerifySessions<Result>(
  parts: EngineParts,
  { dataset, record, timeoutMs }: VerifyRequest,
  work: (sessions: VerifySessions) => Promise<Result>,
): Promise<Result> {
  const url = sourceUrl(parts, { store: record.active, dataset });
  const there = { url, store: record.active, timeoutMs };
  const here = { database: databaseName(dataset), timeoutMs };
  const { databases } = parts;
  return withConnection(there, (marking: Session) =>
    withConnection(there, (active) =>
      databases.session(here, (holding) =>
        databases.session(here, async (passive) => {
          const result = await work({ marking, active, holding, passive });
          await passive.query('ROLLBACK'); // Its connection goes back to the pool.
          return result;
        }),
      ),
    ),
  );
}
