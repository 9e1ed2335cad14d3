import assert from 'node:assert/strict';
import { test } from 'node:test';
import { names } from '@understudy/core/testing';
import { type TwoSites, twoSites } from '../testing/two-sites.ts';

const dataset = names.usersEast;

async function copyOf({ clock, ...sites }: TwoSites, site: 'east' | 'west') {
  const report = await clock.finish(sites[site].report());
  return report.copies.find((each) => each.dataset === dataset) ?? assert.fail();
}

async function slotsForWest(sites: TwoSites): Promise<number> {
  return (await copyOf(sites, 'east')).slots.filter(({ link }) => link.to === names.westStore)
    .length;
}

test('past limits.slotKeepBytes a follower that is gone loses its slot', async () => {
  const sites = await twoSites({ slotKeepBytes: 60 });
  sites.westStore.crash();
  sites.silent.add(names.westServer);
  await sites.rounds(4);
  assert.equal(await slotsForWest(sites), 1, 'it may come back');
  await sites.rounds(100);
  assert.equal(await slotsForWest(sites), 0, 'it would fill the disk');
  assert.equal((await copyOf(sites, 'east')).state, 'mounted');
  sites.westStore.startAgain();
  sites.silent.clear();
  await sites.rounds(30);
  assert.equal((await copyOf(sites, 'west')).state, 'healthy');
  assert.equal(await slotsForWest(sites), 1);
});

test('within the bound a follower that is gone finds its slot again', async () => {
  const sites = await twoSites();
  sites.westStore.crash();
  sites.silent.add(names.westServer);
  await sites.rounds(60);
  assert.equal(await slotsForWest(sites), 1);
  sites.westStore.startAgain();
  sites.silent.clear();
  await sites.rounds(30);
  assert.equal((await copyOf(sites, 'west')).state, 'healthy');
  assert.deepEqual([...sites.westStore.setAside.keys()], []);
});
