import assert from 'node:assert/strict';
import { test } from 'node:test';
import { asGeneration } from '../../generation.ts';
import { aRecord, names } from '../../testing/index.ts';
import { findUnread } from './find-unread.ts';
import { noLedgerCounts, type Salvage } from './ledger.ts';

const [first, second] = [asGeneration(1), asGeneration(2)];
const former = { store: names.eastStore, since: first, generation: first } as const;
const forced = aRecord({
  active: names.westStore,
  generation: second,
  since: second,
  former: { ...former, how: 'forced' },
});

function aSalvage(difference: Partial<Salvage> = {}): Salvage {
  return {
    id: 'one',
    dataset: names.usersEast,
    store: names.eastStore,
    database: 'users_east_gen1',
    generation: first,
    way: 'tail',
    why: 'read from its slot',
    isComplete: true,
    counts: noLedgerCounts,
    ...difference,
  };
}

test('after a forced takeover it is said until the lost side was read', () => {
  assert.match(findUnread(forced, []) ?? '', /east-store had under generation 1 .* disk is gone/);
  assert.ok(findUnread(forced, [aSalvage({ isComplete: false })]));
  assert.ok(findUnread(forced, [aSalvage({ store: names.westStore })]));
  assert.equal(findUnread(forced, [aSalvage()]), undefined);
  assert.equal(findUnread(forced, [aSalvage({ generation: second })]), undefined);
});

test('a hand-over leaves nothing behind', () => {
  assert.equal(findUnread({ ...forced, former: { ...former, how: 'handOver' } }, []), undefined);
  assert.equal(findUnread(aRecord(), []), undefined);
});
