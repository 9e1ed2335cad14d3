import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { asServer } from '../ids.ts';
import { aTopology } from '../testing/a-topology.ts';
import { names } from '../testing/names.ts';
import { majorityOf } from './count-votes.ts';
import {
  clusterName,
  countMembership,
  isSameMembership,
  type Membership,
  keptAtBirth,
  membershipAtBirth,
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
  const former = { generation: 0, voters: [east, west, witness] };
  assert.deepEqual(alone, { generation: 1, started: [east], stopped: [west], witness, former });
  assert.deepEqual(votersOf(alone), [east]);
  const both = next(startMembers(alone, [west]));
  const before = { generation: 1, voters: [east] };
  const started = { generation: 2, started: [east, west], stopped: [], witness, former: before };
  assert.deepEqual(both, started);
});

test('restore leaves the survivors and the alternate witness (V4)', () => {
  const other = { voter: asVoter('witness-2'), at: 'sealed' };
  const left = next(restoreMembers(two, [west], other));
  const base = { generation: 1_001, started: [west], stopped: [east] };
  assert.deepEqual(left, { ...base, witness: other.voter, witnessAt: other.at });
  const both = next(startMembers(left, [east]));
  assert.deepEqual(votersOf(both), [west, east, other.voter]);
  assert.equal(both.witnessAt, other.at);
});

test('V4: a restore ranks above what a majority changed meanwhile, and two restores differ', () => {
  const changed = next(stopMembers(two, [west]));
  const again = next(startMembers(changed, [west]));
  const [right, left] = [next(restoreMembers(two, [west])), [east]];
  assert.ok(right.generation > again.generation);
  assert.notEqual(right.generation, next(restoreMembers(two, left)).generation);
  assert.ok(next(restoreMembers(right, left)).generation > right.generation);
});

test('stopped in the configuration alone, members go on with what they do', () => {
  const configured = next(stopMembers(two, [west], { isConfigurationOnly: true }));
  assert.deepEqual(configured.untouched, [west]);
  assert.equal(next(stopMembers(configured, [west])).untouched, undefined);
  assert.equal(next(startMembers(configured, [west])).untouched, undefined);
});

test('two rivals of one number are told apart, whatever the order of their fields', () => {
  const { generation, ...rest } = two;
  assert.ok(isSameMembership(two, { ...rest, generation }));
  assert.ok(!isSameMembership(two, { ...two, started: [west, east] }));
  assert.ok(!isSameMembership(two, { ...two, former: { generation: 0, voters: [witness] } }));
});

test('at birth every server with a store is a member; etcd votes alone', () => {
  const votes = { kind: 'postgres' as const, endpoints: [], witness: { port: 0 } };
  assert.deepEqual(membershipAtBirth(aTopology({ votes })), two);
  assert.equal(membershipAtBirth(aTopology()), undefined);
  const etcd = membershipAtBirth(
    aTopology({ votes: { kind: 'etcd', endpoints: ['http://e:2379'] } }),
  );
  assert.deepEqual(etcd && votersOf(etcd), ['etcd']);
});

test('V4: a changed topology makes nobody a voter and takes no vote away', () => {
  const kept: Membership = { generation: 0, started: [east, west, third], stopped: [], witness };
  assert.deepEqual(keptAtBirth(two, kept), kept);
  assert.deepEqual(keptAtBirth(kept, two), two);
  // Majorities of an even number meet those with the witness, so the file may add or drop it.
  const { witness: _, ...without } = two;
  assert.deepEqual(keptAtBirth(without, two), without);
  const etcd: Membership = { generation: 0, started: [east], stopped: [], cluster: clusterName };
  assert.deepEqual(keptAtBirth(etcd, two), etcd);
  assert.deepEqual(keptAtBirth(two, etcd), two);
});

test('a change that changes nothing, of a stranger, or of the last member is refused', () => {
  for (const changed of [
    startMembers(two, [east]),
    stopMembers(two, [third]),
    stopMembers(two, [east, west]),
    restoreMembers(two, []),
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
      const former = { generation: 0, voters: votersOf(before) };
      const isWon = countMembership({ ...after, former }, new Set(granted)) === 'won';
      const isMajority = (of: Membership) =>
        votersOf(of).filter((voter) => granted.includes(voter)).length >=
        majorityOf(votersOf(of).length);
      assert.equal(isWon, isMajority(before) && isMajority(after));
    }),
  );
});
