import assert from 'node:assert/strict';
import test from 'node:test';
import { asStore } from '../ids.ts';
import { aVoteRecord, aWatch, names, voters } from '../testing/index.ts';
import { chooseRenewal } from './choose-renewal.ts';
import { recordedInSync } from './recorded-in-sync.ts';
import { isSameRecord } from './vote-record.ts';

const mirror = asStore('east-mirror');
const held = aVoteRecord();
const inSync = aVoteRecord({ inSync: mirror });

test('V7: a copy is in sync when a majority of the voters says so, of this very lease', () => {
  const of = (records: Parameters<typeof aWatch>[0]['records']) =>
    recordedInSync(held, { voters, watch: aWatch({ records }) });
  assert.equal(of([inSync, inSync, held]), mirror);
  assert.equal(of([inSync, held, held]), undefined);
  assert.equal(of([inSync, undefined, undefined]), undefined);
  const later = aVoteRecord({ inSync: mirror, holder: names.westStore });
  assert.equal(of([later, later, later]), undefined);
});

test('V7: each renewal says which copy is in sync, or that none is', () => {
  const watch = aWatch({ records: [inSync, inSync, held] });
  const say = (lease: typeof held) =>
    chooseRenewal(lease, { voters, watch }).renewals.map(({ next }) => next.inSync);
  assert.deepEqual(say(inSync), [mirror, mirror, mirror]);
  assert.deepEqual(say(held), [undefined, undefined, undefined]);
});

test('a record that calls a copy in sync is not the one that does not', () => {
  assert.equal(isSameRecord(held, inSync), false);
  assert.equal(isSameRecord(inSync, held), false);
});
