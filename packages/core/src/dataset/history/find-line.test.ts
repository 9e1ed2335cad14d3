import assert from 'node:assert/strict';
import test from 'node:test';
import { asGeneration } from '../../generation.ts';
import { asStore } from '../../ids.ts';
import { aCopy, aFollowing, aRecord, names } from '../../testing/index.ts';
import type { CopyObservation, OriginPosition } from '../copy/copy-observation.ts';
import { findLine } from './find-line.ts';
import { asLsn } from './position.ts';

const [one, three, five] = [asGeneration(1), asGeneration(3), asGeneration(5)];

test('a copy that followed the former active one from a standing slot waits for its marker', () => {
  // West took over from east and hands over to a third: who follows it does so since generation 1.
  const former = { store: names.westStore, since: three, generation: three, linked: one };
  const record = aRecord({
    active: names.eastStore,
    since: five,
    generation: five,
    former: { ...former, how: 'handOver' },
  });
  const link = { ...aFollowing().link, from: names.westStore, to: names.eastStore };
  const follower = (since: typeof one) =>
    aCopy({ following: aFollowing({ link: { ...link, since } }), slots: [] });
  assert.equal(findLine(follower(one), record).kind, 'awaitsMarker');
  assert.equal(findLine(follower(three), record).kind, 'awaitsMarker');
  assert.equal(findLine(follower(asGeneration(2)), record).kind, 'unproven');
});

const two = asGeneration(2);
const third = asStore('third-store');
/** West was forced active when east, which both followed, was lost. */
const forced = aRecord({
  active: names.westStore,
  since: two,
  generation: two,
  former: { store: names.eastStore, since: one, generation: one, how: 'forced' },
});
const had = (lsn: string, difference: Partial<OriginPosition> = {}) => ({
  origin: { from: names.eastStore, generation: one, lsn: asLsn(lsn), ...difference },
});
const furtherAt = (lsn: string, difference: Partial<CopyObservation> = {}) => {
  const link = { ...aFollowing().link, to: third };
  const following = aFollowing({ link, appliedLsn: asLsn(lsn) });
  return aCopy({ store: third, following, slots: [], ...difference });
};

test('A4: behind or level with the forced one a copy goes on by position', () => {
  const active = had('0/2000');
  for (const lsn of ['0/1000', '0/2000']) {
    const line = findLine(furtherAt(lsn), forced, { active });
    assert.deepEqual(line, {
      kind: 'canFollow',
      by: 'position',
      link: { dataset: names.usersEast, from: names.westStore, to: third, since: one },
    });
  }
});

test('A4: ahead of the forced one a copy is not followed with', () => {
  const line = findLine(furtherAt('0/2001'), forced, { active: had('0/2000') });
  assert.equal(line.kind, 'unproven');
  assert.match(line.kind === 'unproven' ? line.why : '', /more of east-store than west-store/);
});

test('A4: until the forced one answers nobody is judged', () => {
  assert.equal(findLine(furtherAt('0/1000'), forced).kind, 'awaitsActive');
});

test('A4: what followed another time, half a copy, and the lost side itself prove nothing', () => {
  const active = had('0/2000');
  const kindOf = (copy: CopyObservation, facts = { active }) => findLine(copy, forced, facts).kind;
  const { following: _, ...detached } = furtherAt('0/1000');
  assert.equal(kindOf({ ...detached, ...had('0/1000') }), 'canFollow');
  assert.equal(kindOf({ ...detached, ...had('0/1000', { generation: two }) }), 'unproven');
  assert.equal(kindOf({ ...detached, ...had('0/1000', { from: third }) }), 'unproven');
  assert.equal(kindOf(detached), 'unproven');
  assert.equal(kindOf(furtherAt('0/1000', { isWhole: false })), 'unproven');
  assert.equal(kindOf(furtherAt('0/1000', { store: names.eastStore })), 'unproven');
  assert.equal(kindOf(furtherAt('0/1000'), { active: had('0/2', { from: third }) }), 'unproven');
  const unshown = 'the slot begins too late';
  const line = findLine(furtherAt('0/1000'), forced, { active, unshown });
  assert.deepEqual(line, { kind: 'unproven', why: unshown });
});
