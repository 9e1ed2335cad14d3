import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { asServer } from '../ids.ts';
import { names } from '../testing/names.ts';
import { majorityOf } from './count-votes.ts';
import {
  countChange,
  type Membership,
  restoreMembers,
  startMembers,
  stopMembers,
  votersOf,
} from './membership.ts';
import { asVoter } from './vote-record.ts';

const { eastServer: east, westServer: west } = names;
const third = asServer('third-1');
const witness = asVoter('witness');
const two: Membership = { generation: 0, started: [east, west], stopped: [], witness };

function next(changed: ReturnType<typeof stopMembers>): Membership {
  assert.ok(changed.isAllowed, JSON.stringify(changed));
  return changed.next;
}

test('the witness votes while the started members are even in number', () => {
  assert.deepEqual(votersOf(two), [east, west, witness]);
  assert.deepEqual(votersOf({ ...two, started: [east, west, third] }), [east, west, third]);
  const { witness: _, ...without } = two;
  assert.deepEqual(votersOf(without), [east, west]);
});

test('stop and start take members off the count and back, each under a higher membership', () => {
  const alone = next(stopMembers(two, [west]));
  assert.deepEqual(alone, { generation: 1, started: [east], stopped: [west], witness });
  assert.deepEqual(votersOf(alone), [east]);
  const both = next(startMembers(alone, [west]));
  assert.deepEqual(both, { generation: 2, started: [east, west], stopped: [], witness });
});

test('restore leaves the survivors and the alternate witness (V4)', () => {
  const other = asVoter('alternate');
  const left = next(restoreMembers(two, [west], other));
  assert.deepEqual(left, { generation: 1, started: [west], stopped: [east], witness: other });
});

test('a change that changes nothing, of a stranger, or of the last member is refused', () => {
  for (const changed of [
    startMembers(two, [east]),
    stopMembers(two, [third]),
    stopMembers(two, [east, west]),
    restoreMembers(two, [], witness),
  ]) {
    assert.equal(changed.isAllowed, false);
  }
});

test('V4: a change is granted by a majority of before and by one of after', () => {
  const servers = ['a', 'b', 'c', 'd', 'e'].map(asServer);
  const group = fc
    .subarray(servers, { minLength: 1 })
    .map((started): Membership => ({ generation: 0, started, stopped: [], witness }));
  const grants = fc.subarray([...servers.map(asVoter), witness]);
  fc.assert(
    fc.property(group, group, grants, (before, after, granted) => {
      const isWon = countChange({ before, after }, new Set(granted)) === 'won';
      const isMajority = (of: Membership) =>
        votersOf(of).filter((voter) => granted.includes(voter)).length >=
        majorityOf(votersOf(of).length);
      assert.equal(isWon, isMajority(before) && isMajority(after));
    }),
  );
});
