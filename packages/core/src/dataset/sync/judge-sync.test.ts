import assert from 'node:assert/strict';
import test from 'node:test';
import { asGeneration } from '../../generation.ts';
import { asStore } from '../../ids.ts';
import { aMountedCopy, aRecord, aSlot, names } from '../../testing/index.ts';
import { asLsn } from '../history/position.ts';
import { judgeSync, type SyncQuestion } from './diagnose-sync.ts';
import { syncLifecycle } from './sync-lifecycle.ts';
import { syncPartner } from './sync-partner.ts';

const mirror = asStore('east-mirror');
const [early, late] = [asLsn('0/100'), asLsn('0/200')];

type Seen = Partial<SyncQuestion> & {
  readonly confirmed?: ReturnType<typeof asLsn>;
  readonly waitsFor?: typeof mirror;
  readonly isAway?: boolean;
};

function judge({ confirmed = late, waitsFor, isAway = false, ...question }: Seen) {
  const copy = aMountedCopy();
  const [slot = aSlot()] = copy.slots;
  const toMirror = { ...slot, link: { ...slot.link, to: mirror }, confirmedLsn: confirmed };
  return judgeSync({
    copy: {
      ...copy,
      writtenLsn: late,
      gate: { ...copy.gate, ...(waitsFor && { waitsFor }) },
      slots: [slot, { ...toMirror, isActive: !isAway }],
    },
    partner: mirror,
    record: aRecord({ since: slot.link.since }),
    recorded: undefined,
    mark: { lsn: early, sinceMs: 900 },
    nowMs: 1_000,
    patienceMs: 3_000,
    restUntilMs: 0,
    ...question,
  });
}

test('a copy that has confirmed what was written by the last look is waited for', () => {
  const { state, fact, action, slot, mark } = judge({});
  assert.deepEqual([state, fact, action], ['asynchronous', 'close', 'waitForIt']);
  assert.equal(slot?.link.to, mirror);
  assert.deepEqual(mark, { lsn: late, sinceMs: 1_000 });
});

test('one that has not, or of which nothing was seen before, is not', () => {
  assert.equal(judge({ confirmed: asLsn('0/FF') }).fact, 'behind');
  assert.equal(judge({ mark: undefined }).fact, 'behind');
  assert.equal(judge({ isAway: true }).fact, 'away');
  assert.equal(judge({ restUntilMs: 1_001 }).action, undefined);
});

test('V7: who follows by a link of a former reign is not in sync: others wrote in between', () => {
  const since = asGeneration(7);
  assert.equal(judge({ record: aRecord({ since }) }).fact, 'away');
  // The slot that stood for it while this copy was passive is as good as that of a seed (E6).
  const former = {
    store: names.westStore,
    since: aRecord().since,
    generation: since,
    how: 'handOver',
  } as const;
  assert.equal(judge({ record: aRecord({ since, former }) }).fact, 'close');
});

test('V7: what is missing counts from the look at which it was written', () => {
  const inSync = { waitsFor: mirror, recorded: mirror, confirmed: asLsn('0/FF') };
  assert.deepEqual(judge(inSync).mark, { lsn: early, sinceMs: 900 });
  assert.equal(judge({ ...inSync, nowMs: 3_899 }).action, undefined);
  assert.equal(judge({ ...inSync, nowMs: 3_900 }).action, 'goOnWithout');
  assert.equal(judge({ ...inSync, nowMs: 3_900, isAway: true }).action, 'goOnWithout');
  assert.equal(judge({ ...inSync, nowMs: 3_899, isAway: true }).action, undefined);
});

test('V7: what is recorded while nobody waits is taken back at once', () => {
  assert.deepEqual(
    Object.values(syncLifecycle.contradicted).map(({ action }) => action),
    Object.values(syncLifecycle.contradicted).map(() => 'recordNotInSync'),
  );
  assert.equal(judge({ recorded: mirror }).state, 'contradicted');
});

test('writes wait for no copy that is not named any more', () => {
  const waiting = { waitsFor: mirror, recorded: mirror };
  assert.equal(judge({ ...waiting, partner: undefined }).action, 'goOnWithout');
  assert.equal(judge({ ...waiting, partner: names.westStore }).action, 'goOnWithout');
});

test('of two stores of a site each is the synchronous one of the other; elsewhere is none', () => {
  const copies = [
    { store: names.westStore, preference: 3 },
    { store: mirror, preference: 2, sync: true as const },
    { store: names.eastStore, preference: 1 },
  ];
  assert.equal(syncPartner({ copies }, names.eastStore), mirror);
  assert.equal(syncPartner({ copies }, mirror), names.eastStore);
  assert.equal(syncPartner({ copies }, names.westStore), undefined);
  const none = copies.map(({ store, preference }) => ({ store, preference }));
  assert.equal(syncPartner({ copies: none }, names.eastStore), undefined);
});
