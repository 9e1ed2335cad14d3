import assert from 'node:assert/strict';
import { test } from 'node:test';
import { aPoolRecord, aRecord, aTopology, names } from '../testing/index.ts';
import type { StoreName } from '../ids.ts';
import { wordsOnContradiction } from './pool-contradiction.ts';
import type { PoolState } from './pool-record.ts';

const topology = { ...aTopology(), datasets: aTopology().datasets.slice(0, 1) };
const east = topology.pools.find(({ name }) => name === names.eastPool) ?? assert.fail();

function words(state: PoolState, active: StoreName): string | undefined {
  const serving = state === 'failedOver' ? names.westPool : names.eastPool;
  const decisions = [aPoolRecord({ state, serving }), aRecord({ active })];
  return wordsOnContradiction({ topology, decisions }, east);
}

test('a pool whose data is where its state does not say is told of, with what mends it', () => {
  assert.equal(
    words('failedOver', names.eastStore),
    'pool east is failedOver, but users-east is active in site east: ' +
      'understudy pool set-state east Active',
  );
  assert.equal(
    words('active', names.westStore),
    'pool east is active, but users-east is active in site west: ' +
      'understudy pool set-state east FailedOver',
  );
});

test('nothing is said where state and data agree, or while a run moves the pool', () => {
  assert.equal(words('failedOver', names.westStore), undefined);
  assert.equal(words('active', names.eastStore), undefined);
  assert.equal(words('failingOver', names.eastStore), undefined);
  assert.equal(words('failingBack', names.westStore), undefined);
});

test('nothing is said of a pool of which one dataset is where the state says, or unknown', () => {
  const two = { ...topology, datasets: [...topology.datasets, ...otherOfEast()] };
  const pool = aPoolRecord({ state: 'failedOver', serving: names.westPool });
  const there = aRecord({ active: names.eastStore });
  assert.equal(wordsOnContradiction({ topology: two, decisions: [pool, there] }, east), undefined);
  assert.equal(wordsOnContradiction({ topology, decisions: [pool] }, east), undefined);
});

function otherOfEast() {
  return topology.datasets.map((each) => ({ ...each, name: names.usersWest }));
}
