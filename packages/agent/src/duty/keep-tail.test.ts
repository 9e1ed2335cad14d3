import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type ActiveRecord, activeRecordOf, asRun, isSameLink, seedLink } from '@understudy/core';
import { names } from '@understudy/core/testing';
import { type TwoSites, twoSites } from '../testing/two-sites.ts';

const dataset = names.usersEast;

/** West takes over by force while east, cut off, is mounted still. Gives the record before. */
async function forceWest({ clock, east, west }: TwoSites): Promise<ActiveRecord> {
  const before = activeRecordOf((await clock.finish(east.report())).decisions, dataset);
  assert.ok(before !== undefined);
  const { active, since, generation } = before;
  const next = (generation + 1) as ActiveRecord['generation'];
  const record: ActiveRecord = {
    ...before,
    active: names.westStore,
    generation: next,
    since: next,
    former: { store: active, since, generation, how: 'forced' },
  };
  const ordered = { run: asRun('run-1'), attempt: 1 };
  await clock.finish(west.client.obey({ ...ordered, kind: 'detach', dataset, generation }));
  assert.deepEqual(await clock.finish(west.client.decide(record, generation)), { isDone: true });
  await clock.finish(west.client.obey({ ...ordered, kind: 'mount', record }));
  return before;
}

test('A3: an old side mounted until the cable healed keeps the slot with its tail', async () => {
  const sites = await twoSites();
  sites.silent.add(names.westServer);
  const before = await forceWest(sites);
  await sites.rounds(1);
  sites.silent.delete(names.westServer);
  await sites.rounds(4);
  const { copies } = await sites.clock.finish(sites.east.report());
  const old = copies.find((copy) => copy.dataset === dataset);
  assert.equal(old?.state, 'diverged');
  const tail = seedLink(before, names.westStore);
  assert.ok(
    old.slots.some(({ link }) => isSameLink(link, tail)),
    'the tail has no slot any more',
  );
});
