import assert from 'node:assert/strict';
import { test } from 'node:test';
import { asServer, asStore } from '../../ids.ts';
import type { RunRequest } from '../../run/run-request.ts';
import {
  aCopyReport,
  aDataset,
  anInventory,
  aReport,
  aServer,
  aStore,
  aTopology,
  names,
} from '../../testing/index.ts';
import type { Inventory } from '../../topology/inventory.ts';
import { planDatasetMove } from './plan-dataset-move.ts';

const secondServer = asServer('east-2');
const secondStore = asStore('east-store-2');
const request: RunRequest = {
  runbook: 'dataset-move',
  dataset: names.usersEast,
  toStore: secondStore,
  mode: 'planned',
  isPartnerOff: false,
  by: 'anna',
};

/** `users-east` has a third copy, on a second store in the east. */
function withSecondStore(): Inventory {
  const topology = aTopology();
  const inventory = anInventory({
    topology: {
      ...topology,
      servers: [...topology.servers, aServer({ name: secondServer })],
      stores: [...topology.stores, aStore({ name: secondStore, server: secondServer })],
      datasets: [
        aDataset({ copies: [...aDataset().copies, { store: secondStore, preference: 3 }] }),
      ],
    },
  });
  const copies = [aCopyReport({ store: secondStore })];
  const report = aReport({ server: secondServer, site: names.east, copies });
  return { ...inventory, reports: [...inventory.reports, report] };
}

function codes(change: Partial<RunRequest>): readonly string[] {
  const { findings } = planDatasetMove(withSecondStore(), { ...request, ...change });
  return findings.filter(({ severity }) => severity === 'refusal').map(({ code }) => code);
}

test('a dataset moves to a second store of its site; the other site is a further copy', () => {
  const { plan } = planDatasetMove(withSecondStore(), request);
  assert.equal(plan?.leader, secondServer);
  assert.equal(plan?.subject, 'pool:east');
  assert.deepEqual(plan?.moves[0]?.furtherCopies, [
    { store: names.westStore, server: names.westServer },
  ]);
});

test('to the other site the whole pool moves, and the refusal says how', () => {
  assert.deepEqual(codes({ toStore: names.westStore }), ['otherSite']);
  const { findings } = planDatasetMove(withSecondStore(), {
    ...request,
    toStore: names.westStore,
  });
  assert.match(findings[0]?.why ?? '', /understudy pool failover east/);
});

test('what cannot be moved, each by its name', () => {
  assert.deepEqual(codes({ toStore: names.eastStore }), ['alreadyThere']);
  assert.deepEqual(codes({ toStore: asStore('nowhere') }), ['noCopyAtTarget']);
  assert.deepEqual(codes({ dataset: 'mail' as never }), ['unknownDataset']);
  assert.deepEqual(codes({ mode: 'forced' }), ['notByForce']);
});
