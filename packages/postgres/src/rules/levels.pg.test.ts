// E8 while a release with a second migration comes in: passive copy first, then the active one.

import assert from 'node:assert/strict';
import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test, type TestContext } from 'node:test';
import { fileURLToPath, pathToFileURL } from 'node:url';
import {
  aFollowedDataset,
  eventually,
  fenceFor,
  isLevel,
  look,
  markerOf,
  mountOn,
} from '../testing/a-dataset.ts';
import { openRole } from '../testing/open-session.ts';
import { generation, type Side, startTwoStores, type TwoStores } from '../testing/two-stores.ts';

let two: TwoStores;
before(async () => {
  two = await startTwoStores();
});
after(() => two[Symbol.asyncDispose]());

/** This release's migrations and one more, with a new table and a new column. */
async function nextLevel(t: TestContext, level: number): Promise<URL> {
  const folder = await mkdtemp(join(tmpdir(), 'understudy-levels-'));
  t.after(() => rm(folder, { recursive: true }));
  const own = fileURLToPath(new URL('../../migrations/', import.meta.url));
  await cp(own, folder, { recursive: true });
  const sql = `
    CREATE TABLE app.badges (id uuid PRIMARY KEY, name text NOT NULL);
    ALTER TABLE app.users ADD COLUMN badge uuid`;
  await writeFile(join(folder, `${String(level).padStart(6, '0')}-badges.sql`), sql);
  return pathToFileURL(`${folder}/`);
}

type Data = Awaited<ReturnType<typeof aFollowedDataset>>;

async function giveBadge(
  t: TestContext,
  { side, data, under }: { readonly side: Side; readonly data: Data; readonly under: number },
  name: string,
): Promise<void> {
  const role = await openRole(t, side, data.dataset);
  await role.query('BEGIN');
  await role.query(`SELECT understudy.check_gate(${under})`);
  await role.query(`INSERT INTO app.badges VALUES (gen_random_uuid(), '${name}')`);
  await role.query('COMMIT');
}

function seesBadge(side: Side, { database }: Data, name: string) {
  return eventually(
    () => side.databases.query(database, 'SELECT FROM app.badges WHERE name = $1', [name]),
    (rows) => rows.length === 1,
  );
}

test('E8: a new level comes to the passive copy, to the active one, and back', async (t) => {
  const { east, west } = two;
  const now = east.engine.migrationNewest;
  const next = now + 1;
  const folder = await nextLevel(t, next);
  await using newEast = east.updated(folder);
  await using newWest = west.updated(folder);
  assert.equal(newWest.migrationNewest, next);
  const data = await aFollowedDataset(two);
  const { dataset, id, back } = data;
  assert.equal(await newWest.migrate(dataset), next);
  await east.engine.beat({ dataset, generation: generation(1) });
  const between = await eventually(
    () => look(west, dataset),
    (copy) => copy.heartbeat !== undefined && isLevel(copy),
  );
  assert.deepEqual([between.migration, between.heartbeat?.migration], [next, now]);

  assert.equal(await newEast.migrate(dataset), next);
  await giveBadge(t, { side: east, data, under: 1 }, 'before');
  await newEast.beat({ dataset, generation: generation(1) });
  const unlike = await eventually(
    () => look(west, dataset),
    ({ heartbeat }) => heartbeat?.migration === next,
  );
  assert.notEqual(unlike.tablesHash, unlike.heartbeat?.tablesHash);
  await newWest.resume(dataset);
  const alike = await eventually(() => look(west, dataset), isLevel);
  assert.equal(alike.tablesHash, alike.heartbeat?.tablesHash);
  await seesBadge(west, data, 'before');
  await giveBadge(t, { side: east, data, under: 1 }, 'after');
  await seesBadge(west, data, 'after');

  await fenceFor({ side: east, target: west }, dataset, 1);
  await newWest.awaitMarker({ marker: markerOf(dataset, 1), timeoutMs: 5_000 });
  await newWest.detach({ dataset, generation: generation(1), timeoutMs: 10_000 });
  await mountOn(west, dataset, 2);
  await newEast.follow({ id, link: back });
  await giveBadge(t, { side: west, data, under: 2 }, 'moved');
  await seesBadge(east, data, 'moved');
  const returned = await eventually(() => look(east, dataset), isLevel);
  assert.equal(returned.tablesHash, (await look(west, dataset)).tablesHash);
});
