import assert from 'node:assert/strict';
import test from 'node:test';
import { asGeneration } from '../../generation.ts';
import { asDatasetId } from '../../ids.ts';
import { aHeartbeat, aMountedCopy, aRecord, names } from '../../testing/index.ts';
import type { CopyObservation } from '../copy/copy-observation.ts';
import { findDivergence } from './find-divergence.ts';

const one = asGeneration(1);
const two = asGeneration(2);
const three = asGeneration(3);
const former = { store: names.eastStore, since: one, generation: two, how: 'handOver' } as const;
const record = aRecord({ generation: three, since: three, active: names.westStore, former });

/** East was mounted last under generation 2 and handed that over. */
function east(difference: Partial<CopyObservation> = {}): CopyObservation {
  const handedOver = { generation: two, run: 'run' as never, attempt: 1, target: names.westStore };
  return aMountedCopy({
    mountedGeneration: two,
    heartbeat: aHeartbeat({ generation: two }),
    handedOver,
    ...difference,
  });
}
const isDiverged = (copy: CopyObservation, decided = record) =>
  findDivergence({ copy, record: decided }) !== undefined;

test('a hand-over that was used leaves nothing behind', () => {
  assert.equal(isDiverged(east()), false);
});

test('a hand-over of before the last mount says nothing about the writes since', () => {
  const handedOver = { generation: one, run: 'run' as never, attempt: 1, target: names.westStore };
  const earlier = aRecord({ ...record, former: { ...former, generation: one } });
  assert.equal(isDiverged(east({ handedOver })), true);
  assert.equal(isDiverged(east({ handedOver }), earlier), true);
});

test('a hand-over that the decision does not mention was not used', () => {
  const forced = aRecord({ ...record, former: { ...former, how: 'forced' } });
  assert.equal(isDiverged(east(), forced), true);
  const other = aRecord({ ...record, former: { ...former, store: names.westStore } });
  assert.equal(isDiverged(east(), other), true);
});

test('a copy that has followed since its hand-over holds nothing of its own', () => {
  const other = aRecord({ ...record, former: { ...former, store: names.westStore } });
  assert.equal(isDiverged(east({ heartbeat: aHeartbeat({ generation: three }) }), other), false);
});

test('a copy of another dataset of the same name is nobody’s follower', () => {
  assert.equal(isDiverged(east({ id: asDatasetId('another') })), true);
});

test('E1: a mount above the record’s generation is no proof of being newer', () => {
  const raised = { mountedGeneration: asGeneration(9), generationSeen: asGeneration(9) };
  const { handedOver: _, ...unfenced } = east(raised);
  assert.match(findDivergence({ copy: unfenced, record }) ?? '', /generation 9 and never handed/);
  const mounted = aRecord({ ...record, active: names.eastStore });
  assert.equal(isDiverged(unfenced, mounted), false);
});
