import assert from 'node:assert/strict';
import { test } from 'node:test';
import { asGeneration } from '../generation.ts';
import { names } from '../testing/names.ts';
import type { Membership } from './membership.ts';
import { type GroupRequest, type GroupSeen, planGroupChange } from './plan-group-change.ts';
import { asVoter } from './vote-record.ts';

const { eastServer: east, westServer: west } = names;
const witness = asVoter('witness');
const membership: Membership = { generation: 0, started: [east, west], stopped: [], witness };
const everybody = ['east-1', 'west-1', 'witness'].map(asVoter);

function codes(request: Partial<GroupRequest>, seen: Partial<GroupSeen> = {}): readonly string[] {
  const base = { act: 'stop', servers: [west], isConfigurationOnly: false, isPartnerOff: false };
  const { findings } = planGroupChange({ ...base, ...request } as GroupRequest, {
    membership,
    answering: new Set(everybody),
    leases: [],
    uncarried: [],
    mounts: [{ server: west, dataset: names.usersWest }],
    ...seen,
  });
  return findings.map(({ code }) => code);
}

const answering = (...voters: readonly string[]) => ({ answering: new Set(voters.map(asVoter)) });

test('a stop is granted by a majority of before and by those who are left', () => {
  assert.deepEqual(codes({}), []);
  assert.deepEqual(codes({}, answering('east-1', 'witness')), []);
  assert.deepEqual(codes({}, answering('west-1', 'witness')), ['noMajority']);
  assert.deepEqual(codes({}, answering('east-1')), ['noMajority']);
  assert.deepEqual(codes({ servers: [east, west] }), ['groupUnchanged']);
});

test('nothing is changed again before leases are carried over, but by a restore', () => {
  const uncarried = ['the lease of users-east is not carried over yet: …'];
  assert.deepEqual(codes({}, { uncarried }), ['leaseNotCarried']);
  const restore = { act: 'restore', isPartnerOff: true } as const;
  assert.deepEqual(codes(restore, { uncarried, ...answering('west-1') }), []);
});

test('V4: a restore wants the word that all others are off, and no majority', () => {
  const restore = { act: 'restore' } as const;
  assert.deepEqual(codes({ ...restore, isPartnerOff: true }), ['majorityAnswers']);
  assert.deepEqual(codes(restore, answering('west-1')), ['partnerMayBeOn']);
  assert.deepEqual(codes({ ...restore, isPartnerOff: true }, answering('west-1')), []);
  const wrong = { ...restore, servers: [east], isPartnerOff: true };
  assert.deepEqual(codes(wrong, answering('west-1')), ['noMajority']);
});

test('what would be broken, and what would be shut, is named', () => {
  const leases = [
    { dataset: names.usersEast, holder: names.eastStore, generation: asGeneration(7) },
  ];
  const request = { act: 'stop', servers: [west], isConfigurationOnly: false } as const;
  const seen: GroupSeen = {
    membership,
    answering: new Set(everybody),
    leases,
    uncarried: [],
    mounts: [{ server: west, dataset: names.usersWest }],
  };
  const { words } = planGroupChange({ ...request, isPartnerOff: false }, seen);
  assert.match(words.join('\n'), /west-1 is stopped: users-west is shut there/);
  const only = { ...request, isConfigurationOnly: true, isPartnerOff: false };
  assert.match(planGroupChange(only, seen).words.join('\n'), /goes on with what it does/);
  const restore = { ...request, act: 'restore', isPartnerOff: true } as const;
  const [refused] = planGroupChange(restore, seen).findings;
  assert.match(refused?.why ?? '', /grant users-east to east-store under generation 7/);
});
