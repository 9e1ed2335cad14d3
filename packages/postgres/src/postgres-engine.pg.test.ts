import { after, test } from 'node:test';
import { databaseName } from '@understudy/core';
import { type ConformingStore, datasetEngineSuite } from '@understudy/ports/conformance';
import { systemClock } from '@understudy/ports/system';
import { withConnection } from './connect/databases.ts';
import { writeUser } from './testing/role-writes.ts';
import { type Side, startThreeStores } from './testing/two-stores.ts';

function conforming(side: Side): ConformingStore {
  const { engine, databases, store } = side;
  return {
    engine,
    async write({ dataset, generation, row, value }) {
      const url = await engine.roleUrl(dataset);
      const user = { name: row, displayName: value, generation };
      await withConnection({ url, store, timeoutMs: 5_000 }, (role) => writeUser(role, user));
    },
    async rows(dataset) {
      const rows = await databases.query<{ name: string; display_name: string }>(
        databaseName(dataset),
        'SELECT name, display_name FROM app.users',
      );
      return new Map(rows.map(({ name, display_name: value }) => [name, value]));
    },
    async tamper({ dataset, row, value }) {
      await databases.transaction({ database: databaseName(dataset) }, async (session) => {
        // A trigger that stops writes is not fired in this mode, which only superusers have.
        await session.query('SET LOCAL session_replication_role = replica');
        await session.query('UPDATE app.users SET display_name = $2 WHERE name = $1', [row, value]);
      });
    },
    async waiting(dataset) {
      const waiting = await databases.query(
        'postgres',
        "SELECT FROM pg_stat_activity WHERE datname = $1 AND wait_event = 'SyncRep'",
        [databaseName(dataset)],
      );
      return waiting.length;
    },
    crash: () => side.crash(),
  };
}

const suite = datasetEngineSuite(async () => {
  const three = await startThreeStores();
  return {
    east: conforming(three.east),
    west: conforming(three.west),
    third: conforming(three.third),
    clock: systemClock,
    settle: (act) => act,
    [Symbol.asyncDispose]: () => three[Symbol.asyncDispose](),
  };
});

after(suite.close);
for (const [title, run] of suite.cases) void test(`dataset engine: ${title}`, run);
