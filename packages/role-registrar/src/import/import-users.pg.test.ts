import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { after, before, test } from 'node:test';
import { aClient } from '../testing/digest-client.ts';
import { admin, type OnePool, pool, startOnePool, usersPath } from '../testing/one-pool.ts';

let site: OnePool;
before(async () => {
  site = await startOnePool();
  await site.mount();
});
after(() => site[Symbol.asyncDispose]());

const post = (csv: string | Readable, id: string = randomUUID()) =>
  admin(site.control, { method: 'POST', path: `${usersPath}/import?id=${id}`, body: csv });
const list = async () => (await admin(site.control, { method: 'GET', path: usersPath })).json;
const count = async (table: string) => (await site.sql(`select from ${table}`)).length;
const aCsv = (prefix: string, users: number) =>
  `name,display_name,password\n${Array.from(
    { length: users },
    (_, index) => `${prefix}${index},User ${index},secret ${index}\n`,
  ).join('')}`;

test('users of a CSV can sign in, and the same import again does nothing', async () => {
  const id = randomUUID();
  const done = await post(aCsv('first', 950), id);
  assert.deepEqual([done.status, done.json['rows']], [200, 950]);
  const user = aClient({ name: 'first77', password: 'secret 77' }, 'MD5');
  assert.equal((await user(`${site.url}/v1/me`)).status, 200);
  const again = await post(aCsv('first', 950), id);
  assert.deepEqual([again.status, again.json['rows']], [200, 950]);
  assert.match(String(again.json['why']), /before/);
  assert.equal(await count('app.users'), 950);
  assert.equal(await count('app.credentials'), 3 * 950);
  assert.equal(await count('understudy.staging'), 0);
});

test('one bad line, a duplicate or a user who exists: nothing at all is imported', async () => {
  const before = await count('app.users');
  for (const [csv, lines] of [
    [`${aCsv('new', 3000)}bad name,x,p\n`, [3002]],
    [`${aCsv('new', 3000)}new1,x,p\n`, [3002]],
    [`name,password\nother,p\nfirst5,p\nfirst6,p\n`, [3, 4]],
    ['', [1]],
  ] as const) {
    const refused = await post(csv);
    assert.equal(refused.status, 422);
    const bad = refused.json['badLines'] as readonly { readonly line: number }[];
    assert.deepEqual(
      bad.map(({ line }) => line),
      lines,
    );
  }
  assert.equal(await count('app.users'), before);
  assert.equal(await count('understudy.staging'), 0);
  assert.equal((await site.sql("select from app.imports where state <> 'done'")).length, 0);
});

test("a pool's capacity is kept to, by imports and by single users", async () => {
  const room = (await count('app.users')) + 1;
  await site.mount({ pool: { usersMax: room } });
  const refused = await post(aCsv('much', 2));
  assert.equal(refused.status, 409);
  await site.add('fits', 'p');
  await assert.rejects(site.add('toomuch', 'p'), /409/);
  await site.mount();
});

test('an upload that breaks off leaves nothing', async () => {
  const before = await count('app.users');
  const broken = Readable.from(
    (async function* () {
      yield aCsv('cut', 4000);
      throw new Error('cut');
    })(),
  );
  await assert.rejects(post(broken));
  await settled();
  assert.equal(await count('app.users'), before);
  assert.equal(await count('understudy.staging'), 0);
});

const settledLooksMax = 300;
const settledEveryMs = 100;
const looksPerMount = 20;

async function settled(): Promise<void> {
  for (let looks = 0; looks < settledLooksMax; looks++) {
    // A role settles what it finds when it is assigned a mount, unless a settling of before still
    // holds the lock: agents assign again and again.
    if (looks % looksPerMount === 0) {
      await site.assign({});
      await site.mount();
    }
    const open = await site.sql("select from app.imports where state <> 'done'");
    if (open.length === 0 && (await count('understudy.staging')) === 0) return;
    await sleep(settledEveryMs);
  }
  assert.fail('imports were left open');
}

test('an import that was killed goes on when whole, and is taken back when not', async () => {
  const [whole, half] = [randomUUID(), randomUUID()];
  const stage = (id: string, rows: number) =>
    site.sql(`insert into understudy.staging (import_id, line, value)
      select '${id}', n, jsonb_build_object('id', gen_random_uuid(), 'name', '${id}' || n,
        'displayName', '', 'group', 'east-rg1', 'credentials', '[]'::jsonb)
      from generate_series(1, ${rows}) n`);
  // At once: the settling of the mount before may still be looking.
  await site.sql('begin');
  await site.sql('set local session_replication_role = replica');
  for (const id of [whole, half]) {
    await site.sql(
      `insert into app.imports (id, name, rows, state) values ('${id}', '', 500, 'moving')`,
    );
    // Some had moved over before the kill; nobody has seen them.
    await site.sql(`insert into app.users
      select gen_random_uuid(), 'moved-${id}' || n, '', 'east-rg1', '${id}', now(), 1
      from generate_series(1, 150) n where '${id}' = '${half}'`);
  }
  await stage(whole, 500);
  await stage(half, 300);
  await site.sql('commit');
  await settled();
  const shown = await site.sql(`select from understudy.visible_users where import_id = '${whole}'`);
  assert.equal(shown.length, 500);
  assert.equal((await site.sql(`select from app.users where import_id = '${half}'`)).length, 0);
});

test('users are added once, shown, listed and removed with all that is theirs', async () => {
  await site.mount();
  const [id, other] = [randomUUID(), randomUUID()];
  const headers = { 'content-type': 'application/json' };
  const add = (body: unknown) =>
    admin(site.control, { method: 'POST', path: usersPath, headers, body: JSON.stringify(body) });
  const zoe = { id, name: 'zoe', displayName: 'Zoe', password: 'p' };
  assert.deepEqual([(await add(zoe)).status, (await add(zoe)).status], [201, 201]);
  assert.equal((await add({ ...zoe, id: other })).status, 409);
  assert.equal((await add({ ...zoe, name: 'zoe2' })).status, 409);
  assert.equal((await add({ ...zoe, name: 'a b' })).status, 400);
  const client = aClient({ name: 'zoe', password: 'p' });
  const contact = { method: 'PUT', body: { uri: 'sip:x@example.org' } };
  await client(`${site.url}/v1/contacts/${randomUUID()}`, contact);
  const shown = await admin(site.control, { method: 'GET', path: `${usersPath}/zoe` });
  assert.deepEqual(
    [shown.json['name'], shown.json['contacts'], shown.json['algorithms']],
    ['zoe', 1, ['MD5', 'SHA-256', 'SHA-512-256']],
  );
  assert.doesNotMatch(JSON.stringify(shown.json), /[0-9a-f]{40}/, 'no credential is shown');
  const remove = () => admin(site.control, { method: 'DELETE', path: `${usersPath}/zoe` });
  assert.deepEqual([(await remove()).status, (await remove()).status], [200, 404]);
  assert.equal((await client(`${site.url}/v1/me`)).status, 401);
  assert.equal((await list())['next'] !== undefined, true);
  const page = await admin(site.control, { method: 'GET', path: `${usersPath}?limit=2` });
  assert.equal((page.json['users'] as readonly unknown[]).length, 2);
  const elsewhere = await admin(site.control, {
    method: 'GET',
    path: usersPath.replace(pool, 'west'),
  });
  assert.equal(elsewhere.status, 503);
});

test('ready digests are stored as they are, and a password nowhere', async () => {
  const body = JSON.stringify({
    id: randomUUID(),
    name: 'ready',
    displayName: '',
    credentials: { MD5: 'A'.repeat(32) },
  });
  const headers = { 'content-type': 'application/json' };
  const added = await admin(site.control, { method: 'POST', path: usersPath, headers, body });
  assert.deepEqual([added.status, added.json['algorithms']], [201, ['MD5']]);
  const rows = await site.sql<{ readonly ha1: string }>(
    "select ha1 from app.credentials join app.users u on u.id = user_id where u.name = 'ready'",
  );
  assert.deepEqual(rows, [{ ha1: 'a'.repeat(32) }]);
});
