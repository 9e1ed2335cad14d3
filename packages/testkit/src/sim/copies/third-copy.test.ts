import assert from 'node:assert/strict';
import { test } from 'node:test';
import { asServer } from '@understudy/core';
import { bringUp, type SimDeployment } from '../sim-deployment.ts';
import { spare, withSpare } from './more-copies.ts';

async function failOver({ world, sites, pool }: SimDeployment): Promise<void> {
  const west = sites.find(({ store }) => store.name === 'west-store')?.agent;
  const asked = { runbook: 'pool-failover', pool, mode: 'planned', isPartnerOff: false } as const;
  const begun = await world.clock.finish(west!.leading.begin({ ...asked, by: 'anna' }));
  assert.equal(begun.kind, 'begun', JSON.stringify(begun));
}

test('a further copy that was away during a whole switch is seeded anew', async () => {
  const deployment = await bringUp(1, { faults: new Set() }, withSpare({ site: 'east' }));
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
  const deployment = await bringUp(3, { faults: new Set() }, withSpare({ site: 'east' }));
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
  const deployment = await bringUp(2, { faults: new Set() }, withSpare({ site: 'east' }));
  await deployment.world.clock.advance(10_000);
  await failOver(deployment);
  await deployment.world.clock.advance(30_000);
  assert.equal(deployment.unwell(), undefined);
  for (const site of deployment.sites) {
    assert.deepEqual([...site.store.setAside.keys()], []);
    site.crashAgent();
  }
});

/** A row of a user, written at the site that serves; undefined once it is not acknowledged. */
async function writeAt({ world, dataset, record }: SimDeployment, row: string): Promise<void> {
  const { active, generation } = record()!;
  const engine = world.engines.get(active)!;
  await world.clock.finish(engine.write({ dataset, generation, row, value: 'kept', tookMs: 1 }));
}

/** East is lost, and an operator forces west with whatever it has. */
async function forceWest({ world, sites, pool }: SimDeployment): Promise<void> {
  const [home, west] = ['east-store', 'west-store'].map((name) =>
    sites.find(({ store }) => store.name === name),
  );
  home!.crashAll();
  await world.clock.advance(3_000);
  const asked = { runbook: 'pool-failover', pool, mode: 'forced', isPartnerOff: true } as const;
  const { leading } = west!.agent!;
  const { quoteId } = await world.clock.finish(leading.plan({ ...asked, by: 'anna' }));
  const accepted = quoteId === undefined ? {} : { acceptedQuote: quoteId };
  const begun = await world.clock.finish(leading.begin({ ...asked, ...accepted, by: 'anna' }));
  assert.equal(begun.kind, 'begun', JSON.stringify(begun));
}

function cutOff({ world }: SimDeployment, one: string, other: string): void {
  world.cut(asServer(one), asServer(other));
}

const rowsAt = ({ sites, dataset }: SimDeployment, name: string) =>
  sites.find(({ store }) => store.name === name)!.store.copies.get(dataset)!.rows;

for (const site of ['east', 'north'] as const) {
  test(`A4: after a forced failover a copy behind, in site ${site}, follows by position`, () =>
    followsByPosition(site));
}

async function followsByPosition(site: 'east' | 'north'): Promise<void> {
  const deployment = await bringUp(4, { faults: new Set() }, withSpare({ site }));
  const { world, sites } = deployment;
  const away = sites.find(({ server }) => server === spare.server)!;
  await world.clock.advance(10_000);
  await writeAt(deployment, 'both');
  await world.clock.advance(4_000);
  cutOff(deployment, 'spare-1', 'east-1');
  await writeAt(deployment, 'west-alone');
  await world.clock.advance(4_000);
  await forceWest(deployment);
  await world.clock.advance(30_000);
  const history = world.history.lines.join('\n');
  assert.equal(rowsAt(deployment, 'spare-store').get('west-alone'), 'kept', history);
  assert.deepEqual([away.store.setAside.size, away.store.dropped.length], [0, 0]);
  world.heal();
  sites.find(({ store }) => store.name === 'east-store')!.startAll();
  await world.clock.advance(60_000);
  assert.equal(deployment.unwell(), undefined, world.history.lines.slice(-40).join('\n'));
  for (const site of sites) site.crashAgent();
}

test('A4: after a forced failover a copy that is ahead is salvaged, then seeded', async () => {
  const deployment = await bringUp(5, { faults: new Set() }, withSpare({ site: 'east' }));
  const { world, sites } = deployment;
  const away = sites.find(({ server }) => server === spare.server)!;
  await world.clock.advance(10_000);
  cutOff(deployment, 'west-1', 'east-1');
  await writeAt(deployment, 'spare-alone');
  await world.clock.advance(2_000);
  await forceWest(deployment);
  await world.clock.advance(60_000);
  const history = world.history.lines.join('\n');
  assert.match(history, /it has more of east-store than west-store, which was forced active/);
  assert.equal(away.store.dropped.length, 1, history); // Set aside, read, and only then dropped.
  // What only this copy had is on a list, here and on the active one.
  for (const { store } of sites.filter((site) => site.store.name !== 'east-store')) {
    const listed = [...store.copies.get(deployment.dataset)!.ledger.values()];
    assert.ok(
      listed.some(({ key }) => key.includes('spare-alone')),
      history,
    );
  }
  for (const site of sites) site.crashAgent();
});

test('A4: a copy of which nothing shows what it lacks is seeded anew', async () => {
  const deployment = await bringUp(6, { faults: new Set() }, withSpare({ site: 'east' }));
  const { world, sites, dataset } = deployment;
  const away = sites.find(({ server }) => server === spare.server)!;
  await world.clock.advance(10_000);
  cutOff(deployment, 'spare-1', 'east-1');
  await writeAt(deployment, 'west-alone');
  await world.clock.advance(4_000);
  // As after a bound on the log that a slot keeps: it begins behind what the copy has.
  const west = sites.find(({ store }) => store.name === 'west-store')!.store;
  for (const slot of west.copies.get(dataset)!.slots.values()) slot.confirmed = west.lsn;
  await forceWest(deployment);
  await world.clock.advance(60_000);
  const history = world.history.lines.join('\n');
  assert.match(history, /is failed \(users-east: the slot on west-store begins too late\)/);
  assert.equal(rowsAt(deployment, 'spare-store').get('west-alone'), 'kept', history);
  assert.equal(away.store.dropped.length, 1, history);
  for (const site of sites) site.crashAgent();
});
