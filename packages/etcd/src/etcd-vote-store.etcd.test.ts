import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { asVoter, type DatasetId } from '@understudy/core';
import { StoreDownError, TimedOutError } from '@understudy/ports';
import { aRecord, startFaultyWay, voteStoreSuite } from '@understudy/ports/conformance';
import { createEtcdVoteStore } from './create-etcd-vote-store.ts';
import { startEtcd } from './testing/etcd-cluster.ts';

const voter = asVoter('etcd');
const answerMs = 2_000;

/** Of the client on the bad way, which knows one member: it looks, then writes. */
const farAnswerMs = 500;
const farBoundMs = 2 * farAnswerMs;

const suite = voteStoreSuite(async () => {
  const cluster = await startEtcd();
  const { endpoints } = cluster;
  const [first = ''] = endpoints;
  const way = await startFaultyWay(Number(new URL(first).port));
  const clientOf = (asked: readonly string[], ms: number) =>
    createEtcdVoteStore({ voter, endpoints: asked, group: 'ours', answerMs: ms });
  return {
    votes: clientOf(endpoints, answerMs),
    others: clientOf(endpoints.toReversed(), answerMs),
    far: clientOf([`http://127.0.0.1:${way.port}`], farAnswerMs),
    way,
    farBoundMs,
    kept: (dataset) => keptOf(first, dataset),
    kill: () => cluster.kill(),
    start: () => cluster.start(),
    async [Symbol.asyncDispose]() {
      await way[Symbol.asyncDispose]();
      await cluster[Symbol.asyncDispose]();
    },
  };
});

/** The value and the lease, by which etcd would forget it in time. */
async function keptOf(endpoint: string, dataset: DatasetId): Promise<string> {
  const key = Buffer.from(`/understudy/ours/record/${dataset}`).toString('base64');
  const url = new URL('/v3/kv/range', endpoint);
  const answer = await fetch(url, { method: 'POST', body: JSON.stringify({ key }) });
  const { kvs = [] } = (await answer.json()) as {
    readonly kvs?: readonly { readonly value: string; readonly lease?: string }[];
  };
  return kvs
    .map(
      ({ value, lease }) => `${Buffer.from(value, 'base64').toString()} lease ${lease ?? 'none'}`,
    )
    .join();
}

after(suite.close);
for (const [title, run] of suite.cases) void test(`voter: ${title}`, run);

const record = aRecord(1);

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
