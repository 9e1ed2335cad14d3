import assert from 'node:assert/strict';
import { test } from 'node:test';
import { asServer, asSite, asStore, type Topology } from '@understudy/core';
import { bringUp, type SimDeployment } from './sim-deployment.ts';
import { twoSites } from './two-sites.ts';

const spare = { server: asServer('spare-1'), store: asStore('spare-store') };

/** The two sites with a further copy on a server of its own in the east. */
function withSpare(): Topology {
  const topology = twoSites({ cycleMs: 1_000, heartbeatMs: 2_000, formerAwayMs: 20_000 });
  const [server, store] = [topology.servers[0]!, topology.stores[0]!];
  return {
    ...topology,
    servers: [...topology.servers, { ...server, name: spare.server, site: asSite('east') }],
    stores: [...topology.stores, { ...store, name: spare.store, server: spare.server }],
    datasets: topology.datasets.map((dataset) => ({
      ...dataset,
      copies: [...dataset.copies, { store: spare.store, preference: 3 }],
    })),
  };
}

async function failOver({ world, sites, pool }: SimDeployment): Promise<void> {
  const west = sites.find(({ store }) => store.name === 'west-store')?.agent;
  const asked = { runbook: 'pool-failover', pool, mode: 'planned', isPartnerOff: false } as const;
  const begun = await world.clock.finish(west!.leading.begin({ ...asked, by: 'anna' }));
  assert.equal(begun.kind, 'begun', JSON.stringify(begun));
}

test('a further copy that was away during a whole switch is seeded anew', async () => {
  const deployment = await bringUp(1, { faults: new Set() }, withSpare());
  const { world, sites } = deployment;
  const away = sites.find(({ server }) => server === spare.server)!;
  await world.clock.advance(10_000);
  assert.equal(deployment.unwell(), undefined);
  away.crashAll();
  await world.clock.advance(5_000);
  await failOver(deployment);
  await world.clock.advance(30_000);
  assert.match(deployment.unwell() ?? '', /spare-store/);
  away.startAll();
  await world.clock.advance(60_000);
  assert.equal(deployment.unwell(), undefined, world.history.lines.slice(-40).join('\n'));
  assert.match(world.history.lines.join('\n'), /it was away during the switch/);
  for (const site of sites) site.crashAgent();
});

test('a further copy whose former source never comes back is seeded anew', async () => {
  const deployment = await bringUp(3, { faults: new Set() }, withSpare());
  const { world, sites } = deployment;
  const away = sites.find(({ server }) => server === spare.server)!;
  const home = sites.find(({ store }) => store.name === 'east-store')!;
  await world.clock.advance(10_000);
  away.crashAll();
  await world.clock.advance(5_000);
  await failOver(deployment);
  await world.clock.advance(30_000);
  home.crashAll();
  away.startAll();
  await world.clock.advance(15_000);
  assert.equal(away.store.setAside.size, 0);
  await world.clock.advance(60_000);
  const history = world.history.lines.join('\n');
  assert.match(history, /has the last writes it lacks; after 20 s it is seeded from west-store/);
  assert.deepEqual(away.store.dropped.length, 1, history); // It held nothing of its own.
  assert.match(history, /spare-1 +users-east is healthy \(it equals west-store/);
  home.startAll();
  await world.clock.advance(60_000);
  assert.equal(deployment.unwell(), undefined, world.history.lines.slice(-40).join('\n'));
  for (const site of sites) site.crashAgent();
});

test('a further copy that was there moves along without being copied', async () => {
  const deployment = await bringUp(2, { faults: new Set() }, withSpare());
  await deployment.world.clock.advance(10_000);
  await failOver(deployment);
  await deployment.world.clock.advance(30_000);
  assert.equal(deployment.unwell(), undefined);
  for (const site of deployment.sites) {
    assert.deepEqual([...site.store.setAside.keys()], []);
    site.crashAgent();
  }
});
