import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { RoutingGroupName } from '@understudy/core';
import { findUser, type UserRow } from './known-user.ts';
import type { Statement } from './open-database.ts';
import { createUserDirectory } from './user-directory.ts';

const group = 'east-1' as RoutingGroupName;
const ageMs = 60_000;

function aRow(name: string, md5 = 'first'): UserRow {
  const bare = { id: name, name, display_name: name, routing_group: group };
  return { ...bare, md5, sha256: null, sha512_256: null };
}

/** A copy whose answers can be held back after they were read. */
function aCopy(names: readonly string[]) {
  const rows = new Map(names.map((name) => [name, aRow(name)]));
  const held: { until?: Promise<void> } = {};
  let reads = 0;
  const read = async <Row>({ name }: Statement, values: readonly unknown[]) => {
    reads += 1;
    const seen = name === findUser.name ? [rows.get(String(values[1]))] : [...rows.values()];
    await held.until;
    return seen.filter((row) => row !== undefined) as unknown as readonly Row[];
  };
  const users = createUserDirectory({
    database: { read },
    realm: 'example.test',
    clockMs: () => 0,
    usersMax: 100,
  });
  const hold = (): (() => void) => {
    let letGo = (): void => {};
    held.until = new Promise((resolve) => {
      letGo = resolve;
    });
    return letGo;
  };
  return { rows, users, hold, reads: () => reads };
}

test('U1: who was read ahead of a mount is read again after it', async () => {
  const { rows, users, reads } = aCopy(['anna', 'bert']);
  await users.hydrate([group]);
  rows.delete('anna');
  rows.set('bert', aRow('bert', 'second'));
  users.mounted();
  assert.ok(users.isHydrated(group), 'its users are served from the first moment');
  assert.equal(await users.find('anna', ageMs), undefined);
  assert.equal((await users.find('bert', ageMs))?.ha1.MD5, 'second');
  const before = reads();
  await users.find('bert', ageMs);
  assert.equal(reads(), before, 'once is enough');
  assert.deepEqual(users.readAhead(), [group]);
  await users.hydrate([group]);
  assert.deepEqual(users.readAhead(), []);
});

test('U2: a load that began before a user was removed does not bring the user back', async () => {
  const { rows, users, hold } = aCopy(['anna']);
  const letGo = hold();
  const loading = users.hydrate([group]);
  const finding = users.find('anna', ageMs);
  rows.delete('anna');
  users.forget('anna');
  letGo();
  await Promise.all([loading, finding]);
  assert.equal(await users.find('anna', ageMs), undefined);
});

test('U3: loading a group again drops who is gone', async () => {
  const { rows, users } = aCopy(['anna', 'bert']);
  await users.hydrate([group]);
  rows.delete('anna');
  assert.deepEqual(await users.hydrate([group]), [{ group, users: 1 }]);
  assert.equal(await users.find('anna', ageMs), undefined);
  assert.equal((await users.find('bert', ageMs))?.name, 'bert');
});
