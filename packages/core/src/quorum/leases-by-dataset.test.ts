import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { LeaseReport } from '../agent/agent-report.ts';
import { asGeneration } from '../generation.ts';
import { anInventory, names } from '../testing/index.ts';
import { leasesByDataset } from './leases-by-dataset.ts';

const lease: LeaseReport = {
  dataset: names.usersEastId,
  holder: names.eastStore,
  generation: asGeneration(3),
  count: 'won',
  tried: asGeneration(3),
  heldMs: 60_000,
  renewedAt: [],
};

test('leases are told by the names of datasets; one that no majority shows is not', () => {
  const tried: LeaseReport = { ...lease, dataset: names.usersWestId, count: 'pending' };
  const { usersEast: dataset, eastStore: holder } = names;
  assert.deepEqual(leasesByDataset(anInventory(), [tried, lease]), [
    { dataset, holder, generation: 3 },
  ]);
});

test('the lease of a dataset that the topology names no more is left out', () => {
  const { topology, decisions } = anInventory();
  const [, ...datasets] = topology.datasets;
  assert.deepEqual(
    leasesByDataset({ topology: { ...topology, datasets }, decisions }, [lease]),
    [],
  );
});
