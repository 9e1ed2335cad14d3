import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { type Count, countVotes, majorityOf } from './count-votes.ts';

type Vote = 'given' | 'refused' | 'silent';

/** The same, dumbly: every way in which the silent ones could still answer is counted out. */
function countOut(votes: readonly Vote[]): Count {
  const silent = votes.indexOf('silent');
  if (silent < 0) {
    const given = votes.filter((vote) => vote === 'given').length;
    return given > votes.length - given ? 'won' : 'lost';
  }
  const ends = (['given', 'refused'] as const).map((vote) => countOut(votes.with(silent, vote)));
  return ends[0] === ends[1] ? (ends[0] ?? 'pending') : 'pending';
}

test('a count is won or lost exactly when nobody who is silent could change it', () => {
  const votes = fc.array(fc.constantFrom<Vote>('given', 'refused', 'silent'), {
    minLength: 1,
    maxLength: 9,
  });
  fc.assert(
    fc.property(votes, (cast) => {
      const [given, refused] = ['given', 'refused'].map(
        (kind) => cast.filter((vote) => vote === kind).length,
      );
      const counted = countVotes({ voters: cast.length, given: given ?? 0, refused: refused ?? 0 });
      assert.equal(counted, countOut(cast));
    }),
  );
});

test('any two majorities of the same voters have one in common', () => {
  for (let voters = 1; voters <= 9; voters += 1) {
    assert.ok(2 * majorityOf(voters) > voters);
    assert.ok(2 * (majorityOf(voters) - 1) <= voters);
  }
});
