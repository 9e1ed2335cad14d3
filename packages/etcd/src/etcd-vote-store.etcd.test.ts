import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { asVoter, type DatasetId } from '@understudy/core';
import { EngineRefusedError, StoreDownError, TimedOutError } from '@understudy/ports';
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

test('a cluster that asks for a user: the right one is let in, another told why', async () => {
  await using cluster = await startEtcd();
  const [first = ''] = cluster.endpoints;
  const tell = async (path: string, body: object): Promise<void> => {
    const answer = await fetch(new URL(path, first), {
      method: 'POST',
      body: JSON.stringify(body),
    });
    assert.ok(answer.ok, await answer.text());
  };
  await tell('/v3/auth/user/add', { name: 'root', password: 'secret of tests' });
  await tell('/v3/auth/user/grant', { user: 'root', role: 'root' });
  await tell('/v3/auth/enable', {});
  const as = (user: string) => {
    const endpoints = cluster.endpoints.map((each) => each.replace('//', `//${user}@`));
    return createEtcdVoteStore({ voter, endpoints, group: 'ours', answerMs });
  };
  const votes = as('root:secret%20of%20tests');
  assert.equal((await votes.compareAndSet({ expected: undefined, next: record })).isDone, true);
  for (const stranger of [as('root:guessed'), as('nobody:guessed')]) {
    await assert.rejects(stranger.read(record.dataset), (error) => {
      assert.ok(error instanceof EngineRefusedError);
      assert.match(error.message, /put a user of etcd that may read and write into the endpoints/);
      assert.doesNotMatch(error.message, /guessed/);
      return true;
    });
  }
  const without = createEtcdVoteStore({
    voter,
    endpoints: cluster.endpoints,
    group: 'ours',
    answerMs,
  });
  await assert.rejects(without.read(record.dataset), EngineRefusedError);
  // Its tokens are in its memory: whoever was let in before is let in again.
  await cluster.kill();
  await cluster.start();
  const untilMs = performance.now() + 10_000;
  for (;;) {
    const kept = await votes.read(record.dataset).catch(isSilent);
    if (kept !== undefined) {
      assert.deepEqual(kept, record);
      break;
    }
    assert.ok(performance.now() < untilMs, 'no leader was chosen');
  }
});

function isSilent(error: unknown): undefined {
  if (error instanceof StoreDownError || error instanceof TimedOutError) return undefined;
  throw error;
}
