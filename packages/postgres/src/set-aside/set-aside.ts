import { randomUUID } from 'node:crypto';
import { type DatasetName, databaseName, type Generation, setAsideName } from '@understudy/core';
import { EngineRefusedError } from '@understudy/ports';
import { bounds } from '../connect/bounds.ts';
import { databaseUsers } from '../connect/database-user.ts';
import { type EngineParts, maintenanceDatabase } from '../connect/engine-parts.ts';
import { identifier, literal } from '../connect/sql-text.ts';
import { waitUntil } from '../connect/wait-until.ts';
import { writeSetAsideLabel } from '../copy/database-label.ts';
import { requireCopy } from '../copy/find-copy.ts';
import { lookAtCopy } from '../observe/copy-look.ts';
import { detach } from '../follow/detach.ts';
import { dropUnusedWayBack } from '../follow/way-back.ts';

/** Renames the copy's database, detached, its slots kept: what lies in them is unread (A3). */
export async function setAside(
  parts: EngineParts,
  { dataset, generation, isTakenBack = false }: SetAsideOrder,
): Promise<string> {
  const place = await choosePlace(parts, { dataset, generation });
  if (place.isDone) return place.name;
  const { name } = place;
  const database = await requireCopy(parts, dataset);
  if ((await lookAtCopy(parts, database))?.gate?.isOpen) {
    throw new EngineRefusedError(`${dataset} on ${parts.store} is mounted: dismount it first`);
  }
  await detach(parts, { dataset, generation, timeoutMs: parts.limits.detachTimeoutMs });
  await dropUnusedWayBack(parts, database);
  await closeToAll(parts, database);
  const label = writeSetAsideLabel({ dataset, salvage: randomUUID(), isTakenBack });
  await rename(parts, { database, name, label });
  parts.log.say('warn', `Set ${dataset} on ${parts.store} aside as database ${name}.`);
  return name;
}

type SetAsideOrder = {
  readonly dataset: DatasetName;
  readonly generation: Generation;
  /** Its store went back in time: its log is no continuation of what others had of it (E10). */
  readonly isTakenBack?: boolean;
};

type Names = { readonly database: string; readonly name: string; readonly label: string };

const placesMax = 100;

/**
 * The name of the set-aside database. One that stands while the copy is gone is this one, done
 * before; while the copy is there it is an earlier one of that generation, and a number follows.
 */
async function choosePlace(
  { databases }: EngineParts,
  { dataset, generation }: { readonly dataset: DatasetName; readonly generation: Generation },
): Promise<{ readonly name: string; readonly isDone: boolean }> {
  const first = setAsideName(dataset, generation);
  const rows = await databases.query<{ datname: string }>(
    maintenanceDatabase,
    'SELECT datname FROM pg_database WHERE datname = $1 OR starts_with(datname, $2)',
    [databaseName(dataset), first],
  );
  const names = new Set(rows.map(({ datname }) => datname));
  const isHere = names.has(databaseName(dataset));
  if (!isHere && names.has(first)) return { name: first, isDone: true };
  for (let number = 1; number <= placesMax; number += 1) {
    const name = number === 1 ? first : `${first}_${number}`;
    if (!names.has(name)) return { name, isDone: false };
  }
  throw new EngineRefusedError(`${placesMax} databases ${first} stand: drop those that are read`);
}

/** Roles and followers are out for good: no subscription names the new name. Salvage reads it. */
async function closeToAll({ databases }: EngineParts, database: string): Promise<void> {
  const { role, replication } = databaseUsers;
  const quoted = identifier(database);
  await databases.query(
    maintenanceDatabase,
    `REVOKE CONNECT ON DATABASE ${quoted} FROM ${role}, ${replication}`,
  );
  await databases.query(maintenanceDatabase, `ALTER DATABASE ${quoted} ALLOW_CONNECTIONS false`);
  await databases.forget(database);
}

async function rename(parts: EngineParts, { database, name, label }: Names): Promise<void> {
  const { clock, databases } = parts;
  const bound = {
    timeoutMs: bounds.sessionsEndWithinMs,
    everyMs: bounds.endSessionsAgainMs,
    what: `store ${parts.store}: sessions of ${database} gone`,
  };
  await waitUntil(clock, bound, async () => {
    const left = await databases.query(
      maintenanceDatabase,
      'SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1',
      [database],
    );
    return left.length === 0 ? true : undefined;
  });
  const quoted = identifier(name);
  await databases.transaction({ database: maintenanceDatabase }, (session) =>
    session.query(
      `ALTER DATABASE ${identifier(database)} RENAME TO ${quoted};
       COMMENT ON DATABASE ${quoted} IS ${literal(label)};
       ALTER DATABASE ${quoted} ALLOW_CONNECTIONS true;
       GRANT CONNECT ON DATABASE ${quoted} TO ${databaseUsers.replication}`,
    ),
  );
}
