import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { asDatasetId, asGeneration, asStore, asVoter, type VoteRecord } from '@understudy/core';
import { StoreDownError, TimedOutError } from '@understudy/ports';
import { voteStoreSuite } from '@understudy/ports/conformance';
import { createEtcdVoteStore } from './create-etcd-vote-store.ts';
import { startEtcd } from './testing/etcd-cluster.ts';

const voter = asVoter('etcd');
const answerMs = 2_000;

const suite = voteStoreSuite(async () => {
  const cluster = await startEtcd();
  const { endpoints } = cluster;
  return {
    votes: createEtcdVoteStore({ voter, endpoints, group: 'ours', answerMs }),
    others: createEtcdVoteStore({
      voter,
      endpoints: endpoints.toReversed(),
      group: 'ours',
      answerMs,
    }),
    kill: () => cluster.kill(),
    start: () => cluster.start(),
    [Symbol.asyncDispose]: () => cluster[Symbol.asyncDispose](),
  };
});

after(suite.close);
for (const [title, run] of suite.cases) void test(`voter: ${title}`, run);

const record: VoteRecord = {
  dataset: asDatasetId('01990000-0000-7000-8000-000000000001'),
  generation: asGeneration(1),
  holder: asStore('east-store'),
  leaseMs: 6_000,
  renewals: 1,
  isReleased: false,
  tried: asGeneration(1),
};

test('one member of three may die; with two gone nothing is answered', async () => {
  await using cluster = await startEtcd();
  const votes = createEtcdVoteStore({
    voter,
    endpoints: cluster.endpoints,
    group: 'ours',
    answerMs,
  });
  await votes.compareAndSet({ expected: undefined, next: record });
  await cluster.kill(0);
  const renewed = { ...record, renewals: 2 };
  const untilMs = performance.now() + 10_000;
  // The dead one may have led the others, who choose a new leader first.
  for (;;) {
    const set = await votes.compareAndSet({ expected: record, next: renewed }).catch(isSilent);
    if (set !== undefined) {
      assert.equal(set.isDone, true);
      break;
    }
    assert.ok(performance.now() < untilMs, 'two of three did not answer');
  }
  await cluster.kill(1);
  await assert.rejects(votes.read(record.dataset), (error) => isSilent(error) === undefined);
  await cluster.start();
  assert.deepEqual(await votes.read(record.dataset), renewed);
});

function isSilent(error: unknown): undefined {
  if (error instanceof StoreDownError || error instanceof TimedOutError) return undefined;
  throw error;
}
