import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type ActiveRecord, activeRecordOf, asRun, nextGeneration } from '@understudy/core';
import { names } from '@understudy/core/testing';
import { createStandInMountRight } from '../supervise/stand-in-mount-right.ts';
import { type TwoSites, type TwoSitesOptions, twoSites } from '../testing/two-sites.ts';

const run = asRun('a run');

/** The decision that west-store takes over from east-store by force, and how it is made. */
async function aTakeover(options: TwoSitesOptions = {}) {
  const sites = await twoSites({}, options);
  const record = await activeAt(sites);
  const generation = nextGeneration(record.generation);
  const { store, since } = { store: record.active, since: record.since };
  const former = { store, since, generation: record.generation, how: 'forced' } as const;
  const next: ActiveRecord = {
    ...record,
    generation,
    active: names.westStore,
    since: generation,
    former,
  };
  const decide = (attempt: number) =>
    sites.west.client.decide(next, record.generation, { run, attempt });
  return { sites, decide };
}

async function activeAt({ clock, west }: TwoSites): Promise<ActiveRecord> {
  const { decisions } = await clock.finish(west.client.report());
  return activeRecordOf(decisions, names.usersEast) ?? assert.fail('users-east is decided');
}

// The simulation's seed 22580: a run was undone by another leader while its first one's decision
// waited for a store that hung.
test('whether something is decided is not answered while it is being decided', async () => {
  const { sites, decide } = await aTakeover();
  const { clock, west, westStore } = sites;
  westStore.hang();
  const deciding = decide(1);
  const report = west.client.report();
  await clock.advance(10_000);
  westStore.goOn();
  const { decisions } = await clock.finish(report);
  assert.equal(activeRecordOf(decisions, names.usersEast)?.active, names.westStore);
  assert.deepEqual(await clock.finish(deciding), { isDone: true });
});

test('E14: an attempt that was taken over while its lease was taken decides nothing', async () => {
  const taking = { ends: Promise.resolve() };
  const { sites, decide } = await aTakeover({
    mountRight: (_of, { leaseMs }) => ({
      ...createStandInMountRight(leaseMs),
      isVoted: true,
      take: () => taking.ends.then(() => ({ isTaken: true })),
    }),
  });
  const { clock, west } = sites;
  let grant = (): void => {};
  taking.ends = new Promise((resolve) => {
    grant = resolve;
  });
  const deciding = decide(1);
  await clock.advance(100);
  const order = { kind: 'abortSwitch', run, attempt: 2, dataset: names.usersEast } as const;
  await clock.finish(west.client.obey({ ...order, side: 'target' }));
  grant();
  await assert.rejects(clock.finish(deciding), /is at attempt 2, this is 1/);
  assert.equal((await activeAt(sites)).active, names.eastStore);
});
