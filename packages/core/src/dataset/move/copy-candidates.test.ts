import assert from 'node:assert/strict';
import test from 'node:test';
import type { Decision } from '../../agent/decision.ts';
import { asGeneration } from '../../generation.ts';
import { asServer, asStore } from '../../ids.ts';
import {
  aCopyReport,
  aDataset,
  anInventory,
  aRecord,
  aReport,
  aServer,
  aStore,
  aTopology,
  names,
  someDecisions,
} from '../../testing/index.ts';
import type { Inventory } from '../../topology/inventory.ts';
import type { Topology } from '../../topology/topology.ts';
import { findActivationBar } from './activation-bars.ts';
import { chooseBestCopies, copyCandidates } from './copy-candidates.ts';

const generation = asGeneration(1);
const copy = { dataset: names.usersEast, store: names.westStore };
const copyBlocked: Decision = { kind: 'copy', ...copy, generation, blocked: 'new disks' };
const serverBlocked: Decision = {
  kind: 'server',
  server: names.westServer,
  generation,
  blocked: 'new disks',
};
const [, west = assert.fail()] = aTopology().servers;
const withWest = (server: Partial<typeof west>): Topology =>
  aTopology({ servers: [aServer(), { ...west, ...server }] });

function barOf({ topology = aTopology(), said }: { topology?: Topology; said?: Decision }) {
  const decisions = [...someDecisions(), ...(said === undefined ? [] : [said])];
  return findActivationBar({ topology, decisions }, copy);
}

test('a copy or a server is barred by word, and the way out is named', () => {
  assert.equal(barOf({}), undefined);
  assert.deepEqual(barOf({ said: copyBlocked }), {
    code: 'activationBlocked',
    why: 'its activation is blocked (new disks)',
    todo: 'understudy dataset unblock users-east --store west-store',
  });
  assert.deepEqual(barOf({ said: serverBlocked }), {
    code: 'activationBlocked',
    why: 'activation is blocked on west-1 (new disks)',
    todo: 'understudy server unblock west-1',
  });
});

test('the topology bars a copy, a server, and more active datasets than a server may have', () => {
  const copies = aDataset().copies.map((each) => ({ ...each, activation: 'blocked' as const }));
  const blocked = barOf({ topology: aTopology({ datasets: [aDataset({ copies })] }) });
  assert.equal(blocked?.why, 'its activation is blocked in the topology');
  const server = barOf({ topology: withWest({ activation: 'blocked' }) });
  assert.equal(server?.why, 'activation is blocked on west-1 in the topology');
  assert.deepEqual(barOf({ topology: withWest({ maxActive: 1 }) }), {
    code: 'serverAtMaximum',
    why: 'west-1 may have 1 active at most and has users-west',
    todo: 'move one of them away, or raise maxActive in the topology file',
  });
  assert.equal(barOf({ topology: withWest({ maxActive: 2 }) }), undefined);
});

const third = asStore('third-store');
const thirdServer = asServer('east-2');

/** A third copy in the east; what its agent says is up to the test. */
function withThird(change: Partial<Inventory>): Inventory {
  const topology = aTopology();
  return anInventory({
    topology: {
      ...topology,
      servers: [...topology.servers, aServer({ name: thirdServer })],
      stores: [...topology.stores, aStore({ name: third, server: thirdServer })],
      datasets: [aDataset({ copies: [...aDataset().copies, { store: third, preference: 3 }] })],
    },
    ...change,
  });
}

test('every copy is a candidate, and says why it is out of the question', () => {
  const reasons = (inventory: Inventory) =>
    copyCandidates(inventory, aRecord(), { site: names.east }).map(({ out }) => out?.reason);
  const silent = [{ server: thirdServer, why: 'no answer' }];
  assert.deepEqual(reasons(withThird({ silent })), ['active', 'otherSite', 'silent']);
  const said = (difference: Partial<ReturnType<typeof aReport>>) => {
    const own = { server: thirdServer, site: names.east, stores: [{ store: third, isUp: true }] };
    const report = aReport({ ...own, copies: [], ...difference });
    return reasons(withThird({ reports: [...anInventory().reports, report] }))[2];
  };
  assert.equal(said({ stores: [{ store: third, isUp: false }] }), 'storeDown');
  assert.equal(said({}), 'absent');
  const dataset = names.usersEast;
  assert.equal(said({ setAside: [{ store: third, dataset, database: 'old' }] }), 'setAside');
  assert.equal(said({ copies: [aCopyReport({ store: third })] }), undefined);
});

test('a suspended copy is out of the question', () => {
  const suspended: Decision = { kind: 'copy', ...copy, generation, suspended: 'a look at it' };
  const [, candidate] = copyCandidates(
    anInventory({ decisions: [...someDecisions(), suspended] }),
    aRecord(),
  );
  assert.deepEqual(candidate?.out, { reason: 'suspended', why: 'suspended: a look at it' });
});

test('who would take over is said of every dataset, as planned or by force', () => {
  const [choice] = chooseBestCopies(anInventory());
  assert.deepEqual([choice?.mode, choice?.chosen], ['planned', names.westStore]);
  const [, westReport = assert.fail()] = anInventory().reports;
  const silent = [{ server: names.eastServer, why: 'no answer' }];
  const [forced] = chooseBestCopies(anInventory({ reports: [westReport], silent }));
  assert.deepEqual([forced?.mode, forced?.chosen], ['forced', names.westStore]);
  const [barred] = chooseBestCopies(anInventory({ decisions: [...someDecisions(), copyBlocked] }));
  assert.deepEqual(
    [barred?.chosen, barred?.notChosen.map(({ reason }) => reason)],
    [undefined, ['active', 'activationBlocked']],
  );
});
