import assert from 'node:assert/strict';
import { test } from 'node:test';
import { names } from '@understudy/core/testing';
import { type TwoSites, twoSites } from '../testing/two-sites.ts';

const dataset = names.usersEast;

async function copyOf({ clock, ...sites }: TwoSites, site: 'east' | 'west') {
  const report = await clock.finish(sites[site].report());
  return report.copies.find((each) => each.dataset === dataset) ?? assert.fail();
}

test('E8: the passive copy is migrated before the active one, and tables follow', async () => {
  const sites = await twoSites();
  sites.engines.east.migrationNewest = 2;
  await sites.rounds(4);
  assert.equal((await copyOf(sites, 'east')).migration, 1, 'west knows no second level yet');
  sites.engines.west.migrationNewest = 2;
  await sites.rounds(1);
  assert.equal((await copyOf(sites, 'west')).migration, 2);
  await sites.rounds(24);
  assert.equal((await copyOf(sites, 'east')).migration, 2);
  const west = await copyOf(sites, 'west');
  assert.deepEqual([west.state, west.tablesHash], ['healthy', 'tables-2']);
});

test('E8: while one copy is ahead it is not healthy, and says why', async () => {
  const sites = await twoSites();
  sites.engines.west.migrationNewest = 2;
  await sites.rounds(4);
  const west = await copyOf(sites, 'west');
  assert.equal(west.state, 'catchingUp');
  assert.match(west.why, /its schema is at level 2, the active one's at 1/);
});

test('the active copy is not migrated while another one cannot be asked', async () => {
  const sites = await twoSites();
  sites.engines.east.migrationNewest = 2;
  sites.engines.west.migrationNewest = 2;
  sites.silent.add(names.westServer);
  await sites.rounds(16);
  assert.equal((await copyOf(sites, 'east')).migration, 1);
});
