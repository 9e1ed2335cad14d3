import assert from 'node:assert/strict';
import { test } from 'node:test';
import { asPool } from '../ids.ts';
import { routingGroupOfUser, routingGroupsOf } from './routing-groups.ts';

const pool = { name: asPool('east'), routingGroups: 8 };

test('groups are named by pool and number', () => {
  assert.deepEqual(routingGroupsOf({ ...pool, routingGroups: 2 }), ['east-rg1', 'east-rg2']);
});

test('a user belongs to one of the groups, always to the same', () => {
  const groups = new Set(routingGroupsOf(pool));
  for (let number = 0; number < 1_000; number++) {
    const group = routingGroupOfUser(pool, `user${number}`);
    assert.ok(groups.has(group));
    assert.equal(routingGroupOfUser(pool, `user${number}`), group);
  }
});

test('groups are of about the same size', () => {
  const counts = new Map<string, number>();
  for (let number = 0; number < 8_000; number++) {
    const group = routingGroupOfUser(pool, `user${number}`);
    counts.set(group, (counts.get(group) ?? 0) + 1);
  }
  for (const count of counts.values()) assert.ok(count > 700 && count < 1_300, `${count}`);
});

test('the hash never changes: users must not move between groups in an upgrade', () => {
  const users = ['anna', 'bert', 'Anna', 'jürgen', '', '李雷'];
  const groups = users.map((user) => routingGroupOfUser(pool, user));
  assert.deepEqual(
    groups,
    [6, 5, 6, 6, 6, 4].map((number) => `east-rg${number}`),
  );
});
