import assert from 'node:assert/strict';
import test from 'node:test';
import { asStore } from '../../ids.ts';
import { aCopyReport, aFollowing, aHeartbeat, names } from '../../testing/index.ts';
import { type CopyCandidate, chooseCopy } from './choose-copy.ts';
import { asLsn } from '../history/position.ts';

const third = asStore('third-store');

function aCandidate(difference: Partial<CopyCandidate> = {}): CopyCandidate {
  return { store: names.westStore, preference: 2, report: aCopyReport(), ...difference };
}
const at = (lsn: string) => aCopyReport({ following: aFollowing({ receivedLsn: asLsn(lsn) }) });

test('A4: the most advanced copy is taken, whatever the preference', () => {
  const choice = chooseCopy(
    [
      aCandidate({ report: at('0/1000'), preference: 1 }),
      aCandidate({ store: third, report: at('0/2000'), preference: 3 }),
    ],
    'forced',
  );
  assert.deepEqual(choice, {
    chosen: third,
    why: 'it is the most advanced copy',
    notChosen: [{ store: names.westStore, why: 'it is behind third-store' }],
  });
});

test('among level copies the preference decides', () => {
  const choice = chooseCopy([aCandidate(), aCandidate({ store: third, preference: 1 })], 'planned');
  assert.equal(choice.chosen, third);
  assert.equal(choice.notChosen[0]?.why, 'level with third-store, which is preferred (1 before 2)');
});

test('without positions the number of the heartbeat tells which is further', () => {
  const heard = (number: number) => {
    const { following: _none, ...report } = aCopyReport({ heartbeat: aHeartbeat({ number }) });
    return report;
  };
  const choice = chooseCopy(
    [aCandidate({ report: heard(5) }), aCandidate({ store: third, report: heard(9) })],
    'forced',
  );
  assert.equal(choice.chosen, third);
});

test('half a copy is not chosen, however far it has come', () => {
  const choice = chooseCopy(
    [
      aCandidate({ report: { ...at('0/2000'), isWhole: false } }),
      aCandidate({ store: third, report: at('0/1000') }),
    ],
    'forced',
  );
  assert.equal(choice.chosen, third);
  assert.deepEqual(choice.notChosen, [
    { store: names.westStore, why: 'it was not seeded to the end' },
  ]);
});

test('each copy that cannot be activated is named with its reason', () => {
  const choice = chooseCopy(
    [
      aCandidate({ report: undefined }),
      aCandidate({ store: third, report: aCopyReport({ state: 'diverged', why: 'own writes' }) }),
    ],
    'forced',
  );
  assert.equal(choice.chosen, undefined);
  assert.deepEqual(choice.notChosen, [
    { store: names.westStore, why: 'it does not answer' },
    { store: third, why: 'it is diverged: own writes' },
  ]);
});

test('a planned move wants a Healthy copy, a forced one takes what is catching up', () => {
  const behind = aCandidate({ report: aCopyReport({ state: 'catchingUp', why: 'behind' }) });
  assert.equal(chooseCopy([behind], 'planned').chosen, undefined);
  assert.equal(chooseCopy([behind], 'forced').chosen, names.westStore);
});
