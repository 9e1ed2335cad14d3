import assert from 'node:assert/strict';
import test from 'node:test';
import { asGeneration } from '../../generation.ts';
import { asDatasetId } from '../../ids.ts';
import { aFollowing, aMountedCopy, aRecord, names } from '../../testing/index.ts';
import type { HandedOver } from '../copy/copy-observation.ts';
import { generationToMount, type MountQuestion, mayMount, openHandOver } from './mount-rules.ts';

const handedOver: HandedOver = {
  generation: asGeneration(1),
  run: 'run' as never,
  attempt: 1,
  target: names.westStore,
};

function answer(difference: Partial<MountQuestion> = {}): string {
  return mayMount({
    store: names.eastStore,
    copy: aMountedCopy(),
    record: aRecord(),
    silent: [],
    by: 'itself',
    ...difference,
  }).answer;
}

test('the active copy mounts again while its partner answers and knows nothing newer', () => {
  assert.equal(answer(), 'allowed');
});

test('E1: nothing is mounted that the newest decision does not name', () => {
  for (const by of ['itself', 'run', 'operator'] as const) {
    assert.equal(answer({ by, record: undefined }), 'refused');
    assert.equal(answer({ by, record: aRecord({ active: names.westStore }) }), 'refused');
    assert.equal(answer({ by, record: aRecord({ id: asDatasetId('other') }) }), 'refused');
    assert.equal(answer({ by, copy: undefined }), 'refused');
    assert.equal(answer({ by, takenBack: 'east-store was taken back in time' }), 'refused');
  }
});

test('a lower generation than the copy has obeyed is refused', () => {
  const copy = aMountedCopy({ generationSeen: asGeneration(2) });
  for (const by of ['itself', 'run', 'operator'] as const) {
    assert.equal(answer({ by, copy }), 'refused');
  }
  assert.equal(answer({ copy, record: aRecord({ generation: asGeneration(2) }) }), 'allowed');
});

test('half a copy is never mounted', () => {
  const copy = aMountedCopy({ following: aFollowing({ tablesReady: 3 }) });
  assert.equal(answer({ copy, by: 'operator' }), 'refused');
});

test('E1: a source that handed over mounts again only by a word that the target did not', () => {
  const copy = aMountedCopy({ handedOver });
  assert.equal(answer({ copy }), 'ask');
  assert.equal(answer({ copy, by: 'run' }), 'ask');
  assert.equal(answer({ copy, by: 'run', didTargetDecline: true }), 'allowed');
  assert.equal(answer({ copy, by: 'operator' }), 'allowed');
});

test('a hand-over of an earlier time as active copy is over', () => {
  const three = asGeneration(3);
  const record = aRecord({ generation: three, since: three });
  const copy = aMountedCopy({ handedOver });
  assert.equal(answer({ copy, record }), 'allowed');
  assert.equal(openHandOver(record, copy), undefined);
  assert.equal(openHandOver(aRecord(), copy), handedOver);
});

test('while a partner is silent the agent asks, and says what to type', () => {
  const silent = [names.westServer];
  const asked = mayMount({
    store: names.eastStore,
    copy: aMountedCopy(),
    record: aRecord(),
    silent,
    by: 'itself',
  });
  assert.deepEqual(asked, {
    answer: 'ask',
    why: 'west-1 may know of a newer decision and cannot be asked',
    todo:
      'if the other side is off for certain: ' +
      'understudy dataset mount users-east --partner-is-off',
  });
  assert.equal(answer({ silent, by: 'operator' }), 'allowed');
  assert.equal(answer({ silent, by: 'run' }), 'allowed');
});

test('what an operator keeps dismounted is mounted by nobody but an operator or a run', () => {
  const record = aRecord({ dismounted: 'for repairs' });
  assert.equal(answer({ record }), 'refused');
  assert.equal(answer({ record, by: 'operator' }), 'allowed');
});

test('E1: the generation of the next mount is above all that was seen', () => {
  assert.equal(generationToMount(aRecord(), undefined), 2);
  const copy = aMountedCopy({ generationSeen: asGeneration(6) });
  assert.equal(generationToMount(aRecord(), copy), 7);
});

test('V5: where voters are asked, a partner that is silent keeps nothing shut', () => {
  const silent = [names.westServer];
  assert.equal(answer({ silent }), 'ask');
  assert.equal(answer({ silent, isVoted: true }), 'allowed');
  // What a hand-over left open is not settled by votes alone.
  const copy = aMountedCopy({ handedOver });
  assert.equal(answer({ copy, isVoted: true }), 'ask');
});

test('V5: before it has heard who knows better an agent mounts nothing by itself', () => {
  const activation = { answer: 'wait', why: '1 of 3 voters answer' } as const;
  assert.equal(answer({ isVoted: true, activation }), 'ask');
  assert.equal(
    answer({ isVoted: true, activation: { ...activation, answer: 'allowed' } }),
    'allowed',
  );
  for (const by of ['operator', 'run'] as const)
    assert.equal(answer({ by, activation }), 'allowed');
});
