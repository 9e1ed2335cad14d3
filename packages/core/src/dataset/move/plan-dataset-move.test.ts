import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Decision } from '../../agent/decision.ts';
import { asGeneration } from '../../generation.ts';
import { asServer, asStore } from '../../ids.ts';
import type { RunRequest } from '../../run/run-request.ts';
import type { LossQuote } from '../history/loss-quote.ts';
import {
  aCopyReport,
  aDataset,
  anInventory,
  aQuote,
  aReport,
  aServer,
  aStore,
  aTopology,
  names,
} from '../../testing/index.ts';
import type { Inventory } from '../../topology/inventory.ts';
import { planWords } from '../../pool/plan/plan-words.ts';
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
  const stores = [{ store: secondStore, isUp: true }];
  const report = aReport({ server: secondServer, site: names.east, stores, copies });
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

test('without a store the best copy of the site is taken, the others have reasons', () => {
  const { toStore: _, ...unnamed } = request;
  const { plan } = planDatasetMove(withSecondStore(), unnamed);
  assert.equal(plan?.moves[0]?.to.store, secondStore);
  assert.deepEqual(plan?.seen[0]?.notChosen, [
    {
      store: names.westStore,
      reason: 'otherSite',
      why: 'it is in site west, and east takes over',
    },
  ]);
  const words = plan && planWords(plan, { planHash: 'hash', expectedMs: new Map() });
  const line = 'users-east not to west-store: it is in site west, and east takes over';
  assert.ok(words?.includes(line), words?.join());
  const inventory = withSecondStore();
  const blocked: Decision = {
    kind: 'copy',
    dataset: names.usersEast,
    store: secondStore,
    generation: asGeneration(1),
    blocked: 'new disks',
  };
  const barred = { ...inventory, decisions: [...inventory.decisions, blocked] };
  const refused = planDatasetMove(barred, unnamed).findings;
  assert.deepEqual(
    refused.map(({ code, why }) => `${code}: ${why}`),
    [
      'noBestCopy: no copy of users-east in east can take over (east-store: it is the active ' +
        'copy; west-store: it is in site west, and east takes over; ' +
        'east-store-2: its activation is blocked (new disks))',
    ],
  );
  assert.deepEqual(
    planDatasetMove(barred, request).findings.map(({ code }) => code),
    ['activationBlocked'],
  );
});

test('what cannot be moved, each by its name', () => {
  assert.deepEqual(codes({ toStore: names.eastStore }), ['alreadyThere']);
  assert.deepEqual(codes({ toStore: asStore('nowhere') }), ['noCopyAtTarget']);
  assert.deepEqual(codes({ dataset: 'mail' as never }), ['unknownDataset']);
});

/** The active copy's server says nothing; what the second store's would cost. */
function withDeadSource(quote: Partial<LossQuote>): Inventory {
  const inventory = withSecondStore();
  return {
    ...inventory,
    reports: inventory.reports.filter(({ server }) => server !== names.eastServer),
    silent: [{ server: names.eastServer, why: 'no answer' }],
    quotes: [aQuote({ copy: secondStore, ...quote })],
  };
}

test('V7: by force to a copy in sync nothing is lost, and its record says why', () => {
  const inSync = withDeadSource({ limit: 'lossless', isWithinLimit: true, isInSync: true });
  const forced: RunRequest = { ...request, mode: 'forced', isPartnerOff: true };
  const { plan } = planDatasetMove(inSync, forced);
  assert.deepEqual(
    plan?.steps.map(({ name }) => name),
    ['detach-copies', 'decide-active', 'mount-datasets', 'hydrate-groups'],
  );
  const former = plan?.moves[0]?.next.former;
  assert.deepEqual([former?.how, former?.isLossless], ['forced', true]);
  const { findings } = planDatasetMove(inSync, { ...forced, isPartnerOff: false });
  assert.ok(findings.some(({ code }) => code === 'partnerMayBeOn'));
  const lagging = withDeadSource({ limit: 'lossless', isWithinLimit: false });
  const refused = planDatasetMove(lagging, forced).findings;
  assert.ok(refused.some(({ code }) => code === 'lossBeyondLimit'));
});

test('no fencing command is run for a move within its own site', () => {
  const dead = withDeadSource({ isInSync: true });
  const fencing = { command: ['/sbin/fence'], timeoutMs: 1_000, expect: 'off' };
  const sites = dead.topology.sites.map((site) => ({ ...site, fencing }));
  const seen = { ...dead, topology: { ...dead.topology, sites } };
  const { findings } = planDatasetMove(seen, { ...request, mode: 'forced' });
  const [refused] = findings.filter(({ code }) => code === 'partnerMayBeOn');
  assert.match(refused?.why ?? '', /would take east-2 along; make sure that east-1 is off/);
});
