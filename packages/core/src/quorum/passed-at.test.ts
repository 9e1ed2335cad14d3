import assert from 'node:assert/strict';
import { test } from 'node:test';
import { aVoteRecord, names, voters } from '../testing/index.ts';
import { passedAtMs } from './passed-at.ts';
import type { VoteRecord, VoterName } from './vote-record.ts';
import type { Watched } from './watch-records.ts';

const lease = aVoteRecord({ leaseMs: 6_000 });

/** What each voter shows, since when, and when that was heard last. */
function passedAt(...shown: readonly (readonly [VoteRecord | undefined, number, number])[]) {
  const watch = new Map<VoterName, Watched>();
  for (const [index, [record, sinceMs, heardMs]] of shown.entries()) {
    const voter = voters[index];
    assert.ok(voter !== undefined);
    watch.set(voter, { record, sinceMs, heardMs, leaseSinceMs: sinceMs, isRenewed: false });
  }
  return passedAtMs(lease, { voters, watch });
}

test('a lease has passed when a majority showed that it stood still for its whole time', () => {
  assert.equal(passedAt([lease, 100, 6_100], [lease, 300, 6_300], [lease, 900, 2_000]), 6_300);
  assert.equal(passedAt([lease, 100, 9_000], [lease, 300, 9_000], [lease, 200, 9_000]), 6_200);
});

test('what was not heard of since proves nothing: it may have been renewed', () => {
  assert.equal(passedAt([lease, 100, 6_100], [lease, 300, 6_299]), undefined);
  assert.equal(passedAt([lease, 100, 60_000]), undefined);
});

test('what another holds, and what a voter has forgotten, proves nothing of this lease', () => {
  const other = aVoteRecord({ holder: names.westStore });
  assert.equal(passedAt([lease, 0, 9_000], [other, 0, 9_000], [undefined, 0, 9_000]), undefined);
});

test('a lease that was given up is over at once', () => {
  const released = { ...lease, isReleased: true };
  assert.equal(passedAt([released, 100, 100], [released, 300, 300]), 300);
});
