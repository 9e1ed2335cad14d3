import assert from 'node:assert/strict';
import test from 'node:test';
import { asGeneration } from '../../generation.ts';
import { asDatasetId, asStore } from '../../ids.ts';
import { aCopyReport, aFollowing, aQuote, aRecord, names } from '../../testing/index.ts';
import { asLsn } from '../history/position.ts';
import { type CopyCandidate, type CopyQuestion, chooseBestCopy } from './choose-best-copy.ts';

const third = asStore('third-store');
const record = aRecord();

function aCandidate(difference: Partial<CopyCandidate> = {}): CopyCandidate {
  return { store: names.westStore, preference: 2, report: aCopyReport(), ...difference };
}
function choose(mode: CopyQuestion['mode'], ...candidates: readonly CopyCandidate[]) {
  return chooseBestCopy({ record, candidates, mode });
}
const at = (lsn: string) => aCopyReport({ following: aFollowing({ appliedLsn: asLsn(lsn) }) });
const detachedAt = (lsn: string, generation = 1) => {
  const { following: _none, ...report } = aCopyReport({ state: 'disconnected' });
  const origin = { from: names.eastStore, generation: asGeneration(generation), lsn: asLsn(lsn) };
  return { ...report, origin };
};

test('A4: by force the most advanced copy is taken, whatever the preference', () => {
  const choice = choose(
    'forced',
    aCandidate({ report: at('0/1000'), preference: 1 }),
    aCandidate({ store: third, report: at('0/2000'), preference: 3 }),
  );
  assert.deepEqual(choice, {
    chosen: third,
    why: 'it is the most advanced copy',
    notChosen: [
      {
        store: names.westStore,
        reason: 'lessAdvanced',
        why: 'it has less of east-store than third-store',
      },
    ],
  });
});

test('A4: a copy that is detached is compared by the position that it stored', () => {
  const further = aCandidate({ store: third, report: detachedAt('0/3000'), preference: 3 });
  assert.equal(choose('forced', aCandidate({ report: at('0/2000') }), further).chosen, third);
});

test('A4: positions of before the active copy took over compare with nothing', () => {
  const since = asGeneration(5);
  const later = aRecord({ since, generation: since });
  const link = { ...aFollowing().link, since };
  const now = aCopyReport({ following: aFollowing({ link, appliedLsn: asLsn('0/1') }) });
  const choice = chooseBestCopy({
    record: later,
    mode: 'forced',
    candidates: [
      aCandidate({ report: now }),
      aCandidate({ store: third, report: detachedAt('0/9999', 4), preference: 1 }),
    ],
  });
  assert.equal(choice.chosen, names.westStore);
  assert.equal(choice.notChosen[0]?.reason, 'otherGeneration');
});

test('among level copies what is within the loss limit is taken, then what is preferred', () => {
  const beyond = aQuote({ isWithinLimit: false });
  const choice = choose(
    'forced',
    aCandidate({ preference: 1, quote: beyond }),
    aCandidate({ store: third, preference: 3, quote: aQuote() }),
  );
  assert.equal(choice.chosen, third);
  assert.equal(choice.notChosen[0]?.reason, 'beyondLossLimit');
  const level = choose('forced', aCandidate(), aCandidate({ store: third, preference: 1 }));
  assert.deepEqual(
    [level.chosen, level.why, level.notChosen[0]?.why],
    [third, 'it is preferred (preference 1)', 'third-store is preferred (1 before 2)'],
  );
});

test('V7: what is in sync has every acknowledged write, and is taken first', () => {
  const choice = choose(
    'forced',
    aCandidate({ report: at('0/2000'), preference: 1 }),
    aCandidate({ store: third, report: at('0/1000'), quote: aQuote({ isInSync: true }) }),
  );
  assert.deepEqual(
    [choice.chosen, choice.why, choice.notChosen[0]?.reason],
    [third, 'it is in sync: every acknowledged write is there', 'notInSync'],
  );
});

test('as planned the preference decides, not a few bytes', () => {
  const choice = choose(
    'planned',
    aCandidate({ report: at('0/1000'), preference: 1 }),
    aCandidate({ store: third, report: at('0/2000'), preference: 3 }),
  );
  assert.equal(choice.chosen, names.westStore);
});

test('each copy that cannot be activated is named with its reason', () => {
  const reasons = (report: Partial<ReturnType<typeof aCopyReport>>, mode: CopyQuestion['mode']) =>
    choose(mode, aCandidate({ report: aCopyReport(report) })).notChosen.map(({ reason }) => reason);
  assert.deepEqual(reasons({ state: 'diverged', why: 'own writes' }, 'forced'), ['diverged']);
  assert.deepEqual(reasons({ isWhole: false }, 'forced'), ['notWhole']);
  assert.deepEqual(reasons({ id: asDatasetId('another') }, 'forced'), ['otherDataset']);
  assert.deepEqual(reasons({ state: 'seeding' }, 'forced'), ['notMountable']);
  assert.deepEqual(reasons({ state: 'catchingUp' }, 'planned'), ['notHealthy']);
  assert.deepEqual(reasons({ state: 'catchingUp' }, 'forced'), []);
});

test('what is barred is not chosen, however far it is', () => {
  const why = 'its activation is blocked (new disks)';
  const out = { reason: 'activationBlocked', why } as const;
  const choice = choose(
    'forced',
    aCandidate({ report: at('0/9000'), preference: 1, out }),
    aCandidate({ store: third, report: at('0/1000'), preference: 3 }),
  );
  assert.equal(choice.chosen, third);
  assert.deepEqual(choice.notChosen, [{ store: names.westStore, ...out }]);
  assert.deepEqual(choose('forced', aCandidate({ out })), {
    why: 'no copy can be activated',
    notChosen: [{ store: names.westStore, ...out }],
  });
});
