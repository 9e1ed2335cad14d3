import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { asDatasetId, asGeneration, asStore, asVoter, type VoteRecord } from '@understudy/core';
import { voteStoreSuite } from '@understudy/ports/conformance';
import { startTestPostgres } from '../embedded/start-test-postgres.ts';
import { createPostgresVoteStore } from './create-postgres-vote-store.ts';

const voter = asVoter('witness');
const answerMs = 2_000;

const suite = voteStoreSuite(async () => {
  let server = await startTestPostgres({ isDurable: true });
  const url = server.url('postgres');
  const client = () => createPostgresVoteStore({ voter, url, group: 'ours', answerMs });
  const [votes, others] = [client(), client()];
  return {
    votes,
    others,
    kill: () => server.kill(),
    start: async () => {
      server = await server.restart();
    },
    async [Symbol.asyncDispose]() {
      await votes[Symbol.asyncDispose]();
      await others[Symbol.asyncDispose]();
      await server[Symbol.asyncDispose]();
    },
  };
});

after(suite.close);
for (const [title, run] of suite.cases) void test(`voter: ${title}`, run);

test('a witness keeps the votes of several deployments apart', async () => {
  await using server = await startTestPostgres();
  const url = server.url('postgres');
  await using ours = createPostgresVoteStore({ voter, url, group: 'ours', answerMs });
  await using theirs = createPostgresVoteStore({ voter, url, group: 'theirs', answerMs });
  const record: VoteRecord = {
    dataset: asDatasetId('01990000-0000-7000-8000-000000000001'),
    generation: asGeneration(1),
    holder: asStore('east-store'),
    leaseMs: 6_000,
    renewals: 1,
    isReleased: false,
    tried: asGeneration(1),
  };
  await ours.compareAndSet({ expected: undefined, next: record });
  assert.equal(await theirs.read(record.dataset), undefined);
  await theirs.changeMembership({ generation: 5, started: [], stopped: [] });
  assert.equal(await ours.readMembership(), undefined);
});
