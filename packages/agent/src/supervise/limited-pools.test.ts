import assert from 'node:assert/strict';
import { test } from 'node:test';
import { asGeneration, type PoolRecord } from '@understudy/core';
import { names } from '@understudy/core/testing';
import { type TwoSites, twoSites } from '../testing/two-sites.ts';

const limits = {
  silenceBeforeLimitedMs: 5_000,
  quietBeforeReturnMs: 5_000,
  returnsMax: 2,
  returnsWithinMs: 60_000,
};
const limitedIn = ({ pictures }: TwoSites) => pictures.get(names.westServer)?.at(-1)?.limited ?? [];
const awaitedIn = ({ pictures }: TwoSites) =>
  pictures
    .get(names.westServer)
    ?.at(-1)
    ?.pools.find(({ pool }) => pool === names.eastPool)?.isAwaited;
const stateIn = (sites: TwoSites) => limitedIn(sites)[0]?.state ?? 'off';

async function falls(sites: TwoSites): Promise<void> {
  sites.silent.add(names.eastServer);
  await sites.rounds(14);
}
async function comesBack(sites: TwoSites, rounds = 14): Promise<void> {
  sites.silent.delete(names.eastServer);
  await sites.rounds(rounds);
}

test('a home that is silent for long enough is served in limited mode by its backup', async () => {
  const sites = await twoSites(limits);
  sites.silent.add(names.eastServer);
  await sites.rounds(8);
  assert.equal(stateIn(sites), 'off', 'not at once');
  assert.equal(awaitedIn(sites), true, 'and who asks may wait for it');
  await sites.rounds(6);
  assert.equal(awaitedIn(sites), undefined);
  const [limited] = limitedIn(sites);
  assert.ok(limited);
  const { pool, dataset, queueIn, state, url, deadlineMs } = limited;
  assert.deepEqual(
    { pool, dataset, queueIn, state },
    { pool: names.eastPool, dataset: names.usersEast, queueIn: names.usersWest, state: 'on' },
  );
  assert.match(url, /^fake-reader:/, 'of a user that can only read');
  assert.ok(deadlineMs > sites.clock.bootMs() && deadlineMs < sites.clock.bootMs() + 10_000);
  const report = await sites.clock.finish(sites.west.report());
  assert.equal(report.limited?.[0]?.why, limited.why, 'the same words in the report');
  const east = sites.pictures.get(names.eastServer)?.at(-1)?.limited ?? [];
  assert.equal(east[0]?.pool, names.westPool, 'behind the cut, each serves the users of the other');
});

test('a home that is back is watched for a while, and then serves alone', async () => {
  const sites = await twoSites(limits);
  await falls(sites);
  await comesBack(sites, 4);
  assert.equal(stateIn(sites), 'returning');
  await sites.rounds(14);
  assert.equal(stateIn(sites), 'off');
});

test('a home that comes and goes too often is watched for longer', async () => {
  const sites = await twoSites(limits);
  for (let time = 0; time < limits.returnsMax; time++) {
    await falls(sites);
    await comesBack(sites, 20);
    assert.equal(stateIn(sites), 'off');
  }
  await falls(sites);
  await comesBack(sites, 20);
  assert.equal(stateIn(sites), 'returning', 'two within a minute are enough');
  await sites.rounds(120);
  assert.equal(stateIn(sites), 'off');
});

test('an agent that starts anew goes on with what its roles serve in limited mode', async () => {
  const sites = await twoSites(limits);
  await falls(sites);
  const since = limitedIn(sites)[0]?.sinceMs;
  sites.restart(names.westServer);
  await sites.rounds(1);
  assert.equal(stateIn(sites), 'on');
  assert.equal(limitedIn(sites)[0]?.sinceMs, since);
});

test('an agent that starts counts the silence of others from its own beginning', async () => {
  const sites = await twoSites(limits);
  sites.silent.add(names.eastServer);
  await sites.rounds(8);
  sites.restart(names.westServer);
  await sites.rounds(8);
  assert.equal(stateIn(sites), 'off');
});

test('limited mode ends at once when the pool is failed over', async () => {
  const sites = await twoSites(limits);
  await falls(sites);
  const record: PoolRecord = {
    kind: 'pool',
    pool: names.eastPool,
    generation: asGeneration(9),
    state: 'failingOver',
    serving: names.westPool,
    why: 'an operator asked',
  };
  await sites.clock.finish(sites.west.client.learn([record]));
  await sites.rounds(1);
  assert.equal(stateIn(sites), 'off');
});

test('a home whose agent answers and whose roles serve nobody is silent too', async () => {
  const sites = await twoSites(limits);
  const dismounted = sites.east.byWord.dismount({ dataset: names.usersEast, why: 'a test' });
  await sites.clock.finish(dismounted);
  await sites.rounds(14);
  assert.equal(stateIn(sites), 'on');
});
