import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { asServer, asStore } from '@understudy/core';
import { EngineRefusedError } from '@understudy/ports';
import { systemClock } from '@understudy/ports/system';
import { openDatabases } from '../connect/databases.ts';
import { createPostgresEngine } from '../create-postgres-engine.ts';
import { startTestPostgres, type TestPostgres } from '../embedded/start-test-postgres.ts';
import { createPostgresControlStore } from './create-postgres-control-store.ts';
import { examineStore } from './examine-store.ts';
import { storeOwner } from './store-owner.ts';

let server: TestPostgres;
before(async () => {
  server = await startTestPostgres();
});
after(() => server[Symbol.asyncDispose]());

const eastStore = asStore('east-store');
const ours = storeOwner({ secret: 'a'.repeat(64), name: 'ours', dataDir: '/srv/ours' });
const theirs = storeOwner({ secret: 'b'.repeat(64), name: 'theirs', dataDir: '/srv/theirs' });

function aControl(owner: typeof ours, store = eastStore) {
  const adminUrl = server.url('postgres');
  return createPostgresControlStore({ store, server: asServer('east-1'), adminUrl, owner });
}

const refused = (words: RegExp) => (error: unknown) =>
  error instanceof EngineRefusedError && words.test(error.message);

test('O1: the store of another deployment is refused by name', async () => {
  await using mine = aControl(ours);
  await mine.admit();
  await using again = aControl(ours);
  await again.admit();
  const adminUrl = server.url('postgres');
  await examineStore({ store: eastStore, adminUrl, owner: ours });
  await using other = aControl(theirs);
  const words = /belongs to another deployment, ours \(id [0-9a-f]{16}, of .*\/srv\/ours/;
  await assert.rejects(other.readDecisions(), refused(words));
  await assert.rejects(examineStore({ store: eastStore, adminUrl, owner: theirs }), refused(words));
  const unborn = storeOwner({ secret: undefined, name: 'theirs', dataDir: '/srv/theirs' });
  await assert.rejects(examineStore({ store: eastStore, adminUrl, owner: unborn }), refused(words));
});

test('O1: one PostgreSQL is not two stores of a deployment', async () => {
  await using mine = aControl(ours);
  await mine.admit();
  await using twin = aControl(ours, asStore('west-store'));
  await assert.rejects(twin.admit(), refused(/is store east-store of this same deployment/));
});

test('O2: the engine of a store that is not admitted asks it nothing', async () => {
  await using mine = aControl(ours);
  await mine.admit();
  await using other = aControl(theirs);
  const adminUrl = server.url('postgres');
  await using engine = createPostgresEngine({
    store: eastStore,
    adminUrl,
    admit: () => other.admit(),
    urlOf: () => adminUrl,
    secret: 'b'.repeat(64),
    clock: systemClock,
    log: { say: () => {} },
  });
  await assert.rejects(engine.observe(), refused(/another deployment/));
});

test('what is not ours and is called control is left alone', async () => {
  await using fresh = await startTestPostgres();
  const adminUrl = fresh.url('postgres');
  await using databases = openDatabases({ store: eastStore, url: adminUrl });
  await databases.query('postgres', 'CREATE DATABASE control');
  await databases.query('control', 'CREATE TABLE cranes (id int)');
  const control = { store: eastStore, server: asServer('east-1'), adminUrl, owner: ours };
  await using mine = createPostgresControlStore(control);
  const words = /not Understudy's/;
  await assert.rejects(examineStore({ store: eastStore, adminUrl, owner: ours }), refused(words));
  await assert.rejects(mine.admit(), refused(words));
});

test('a user without rights and a wrong password are refused before anything is made', async () => {
  await using fresh = await startTestPostgres();
  await using databases = openDatabases({ store: eastStore, url: fresh.url('postgres') });
  await databases.query('postgres', "CREATE ROLE ops LOGIN PASSWORD 'x'");
  const url = new URL(fresh.url('postgres'));
  url.username = 'ops';
  url.password = 'x';
  const asked = { store: eastStore, server: asServer('east-1'), owner: ours };
  await using poor = createPostgresControlStore({ ...asked, adminUrl: url.href });
  await assert.rejects(poor.admit(), refused(/lacks SUPERUSER, CREATEDB/));
  url.password = 'y';
  await using stranger = createPostgresControlStore({ ...asked, adminUrl: url.href });
  await assert.rejects(stranger.admit(), refused(/password.*put the right user and password/));
  const made = await databases.query(
    'postgres',
    "SELECT FROM pg_database WHERE datname = 'control'",
  );
  assert.equal(made.length, 0);
});
