import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { RoleMount } from '@understudy/core';
import { ha1Of } from '@understudy/sip';
import { aClient, realm } from '../testing/digest-client.ts';
import { dataset, type OnePool, pool, routingGroups, startOnePool } from '../testing/one-pool.ts';

// The role reads a copy ahead at full service of the other side; what that side still does before
// its fence comes by apply. Here the rows change as apply changes them: under no gate.

let site: OnePool;
let mount: RoleMount;
let sleptMs = 0;
before(async () => {
  site = await startOnePool({ sleptMs: () => sleptMs });
  mount = await site.mount();
  for (const name of ['anna', 'bert', 'carl']) await site.add(name, 'old');
});
after(() => site[Symbol.asyncDispose]());

const meOf = async (name: string, password: string): Promise<number> =>
  (await aClient({ name, password })(`${site.url}/v1/me`)).status;

async function apply(statement: string): Promise<void> {
  await site.sql("set session_replication_role = 'replica'");
  await site.sql(statement);
  await site.sql("set session_replication_role = 'origin'");
}

const newHa1 = (algorithm: 'MD5' | 'SHA-256' | 'SHA-512-256'): string =>
  ha1Of(algorithm, { name: 'bert', realm, password: 'new' });

test('who was removed or changed just before a switch is so on the other side', async () => {
  assert.deepEqual([await meOf('anna', 'old'), await meOf('bert', 'old')], [200, 200]);
  await site.assign({ pools: [{ pool, state: 'failingOver', isServing: false }] });
  await site.control.prepare({ dataset, id: mount.id, pool, url: mount.url, routingGroups });
  const idOf = (name: string) => `(select id from app.users where name = '${name}')`;
  await apply(`delete from app.credentials where user_id = ${idOf('anna')}`);
  await apply("delete from app.users where name = 'anna'");
  for (const algorithm of ['MD5', 'SHA-256', 'SHA-512-256'] as const) {
    await apply(`update app.credentials set ha1 = '${newHa1(algorithm)}'
      where algorithm = '${algorithm}' and user_id = ${idOf('bert')}`);
  }
  await site.mount({ isReadAhead: true });
  assert.equal(await meOf('anna', 'old'), 401, 'removed');
  assert.equal(await meOf('bert', 'old'), 401, 'the old password');
  assert.equal(await meOf('bert', 'new'), 200, 'the new one');
  assert.equal(await meOf('carl', 'old'), 200);
});

test('V3: a password that was taken away while the machine slept is no good any more', async () => {
  await site.add('dora', 'old');
  assert.equal(await meOf('dora', 'old'), 200);
  const dora = "(select id from app.users where name = 'dora')";
  await apply(`delete from app.credentials where user_id = ${dora}`);
  assert.equal(await meOf('dora', 'old'), 200, 'read a moment ago');
  sleptMs = 61_000;
  assert.equal(await meOf('dora', 'old'), 401);
});
