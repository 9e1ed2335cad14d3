import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type ActiveRecord, activeRecordOf, asRun } from '@understudy/core';
import { names } from '@understudy/core/testing';
import { type TwoSites, twoSites } from '../testing/two-sites.ts';

const dataset = names.usersEast;

/** West takes over by force while east's store does not answer; east's agent hears of it. */
async function decideWhileDown({ clock, east, west, eastStore }: TwoSites): Promise<void> {
  const before = activeRecordOf((await clock.finish(east.report())).decisions, dataset);
  assert.ok(before !== undefined);
  const { active, since, generation } = before;
  const next = (generation + 1) as ActiveRecord['generation'];
  eastStore.crash();
  const former = { store: active, since, generation, how: 'forced' } as const;
  const record: ActiveRecord = {
    ...before,
    active: names.westStore,
    generation: next,
    since: next,
    former,
  };
  assert.deepEqual(await clock.finish(west.client.decide(record, generation)), { isDone: true });
  const ordered = { run: asRun('run-1'), attempt: 1 };
  await clock.finish(west.client.obey({ ...ordered, kind: 'mount', record }));
}

test('a decision heard while the own store was down is durable once it is back', async () => {
  const sites = await twoSites();
  await decideWhileDown(sites);
  await sites.rounds(2);
  sites.eastStore.startAgain();
  await sites.rounds(2);
  sites.silent.add(names.westServer);
  const reborn = sites.restart(names.eastServer);
  await sites.rounds(2);
  const { decisions } = await sites.clock.finish(reborn.report());
  assert.equal(activeRecordOf(decisions, dataset)?.active, names.westStore);
});
