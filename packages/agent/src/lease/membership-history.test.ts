import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findTwoOpen } from '@understudy/core/testing';
import { playMemberships } from '../testing/membership-history.ts';

const seeds = 40;

test('V4: no two gates are open at once while members are stopped and started', async () => {
  let takes = 0;
  let changes = 0;
  for (let seed = 1; seed <= seeds; seed += 1) {
    const played = await playMemberships({ seed });
    assert.equal(findTwoOpen(played.gates), undefined, `seed ${seed}`);
    takes += played.takes;
    changes += played.changes;
  }
  // Else the histories would show nothing.
  assert.ok(takes > seeds, `${takes} takes`);
  assert.ok(changes > seeds, `${changes} changes`);
});

for (const fault of ['voters take lower memberships', 'former voters are not asked'] as const) {
  test(`V4 taken out, ${fault}: two gates are open at once within ${seeds} histories`, async () => {
    for (let seed = 1; seed <= seeds; seed += 1) {
      if (findTwoOpen((await playMemberships({ seed, fault })).gates) !== undefined) return;
    }
    assert.fail('nobody missed the rule');
  });
}
