import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bringUp, type SimDeployment } from '../sim-deployment.ts';
import { servingSite } from '../sim-operator.ts';
import { LostDisks } from './lost-disks.ts';
import { withSpare } from './more-copies.ts';

/** Among these seeds one loses the disk. */
const seedsMax = 20;

/** The site that serves dies, and loses its disk where that may be. */
async function dieAndLose(deployment: SimDeployment): Promise<boolean> {
  const { world, dataset } = deployment;
  const serving = servingSite(deployment);
  assert.ok(serving !== undefined);
  serving.crashAll();
  for (let seed = 0; seed < seedsMax && !serving.isKeptOff; seed++) {
    new LostDisks(world, dataset, seed).mayLose(serving);
  }
  return serving.isKeptOff;
}

async function healthy(isVoted: boolean): Promise<SimDeployment> {
  const shape = withSpare({ site: 'east' });
  const deployment = await bringUp(7, { faults: new Set(), isVoted }, shape);
  await deployment.world.clock.advance(10_000);
  assert.equal(deployment.unwell(), undefined);
  return deployment;
}

function end({ sites }: SimDeployment): void {
  for (const site of sites) site.crashAgent();
}

test('what stood on the lost disk alone is excepted, and nothing else', async () => {
  const deployment = await healthy(false);
  const { world, dataset } = deployment;
  const { active, generation } = deployment.record()!;
  const engine = world.engines.get(active)!;
  const write = (row: string) =>
    world.clock.finish(engine.write({ dataset, generation, row, value: '1', tookMs: 1 }));
  await write('everywhere');
  await world.clock.advance(5_000);
  world.cut(world.serverOf(active), world.topology.servers[1]!.name);
  world.cut(world.serverOf(active), world.topology.servers[2]!.name);
  await write('here');
  assert.equal(await dieAndLose(deployment), true);
  assert.equal(world.gone.newestLeft('everywhere', '1'), '1');
  assert.equal(world.gone.newestLeft('here', '1'), undefined);
  assert.equal(world.stores.get(active)?.copies.size, 0);
  end(deployment);
});

test('no disk is lost where somebody votes, or where a copy follows somebody else', async () => {
  const voted = await healthy(true);
  assert.equal(await dieAndLose(voted), false);
  end(voted);
  const apart = await healthy(false);
  const [, west] = apart.sites;
  west!.store.copies.get(apart.dataset)!.subscription = undefined;
  assert.equal(await dieAndLose(apart), false);
  end(apart);
});
