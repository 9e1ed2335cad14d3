import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, test } from 'node:test';
import { asVoter, type DatasetId } from '@understudy/core';
import { aRecord, startFaultyWay, voteStoreSuite } from '@understudy/ports/conformance';
import { bounds } from '../connect/bounds.ts';
import { openDatabases } from '../connect/databases.ts';
import { startTestPostgres } from '../embedded/start-test-postgres.ts';
import { createPostgresVoteStore } from './create-postgres-vote-store.ts';

const voter = asVoter('witness');
const answerMs = 2_000;

/** Of the client on the bad way: bounds.connectWithinMs, and two statements. */
const farAnswerMs = 500;
const farBoundMs = bounds.connectWithinMs + 2 * farAnswerMs;

const suite = voteStoreSuite(async () => {
  let server = await startTestPostgres({ isDurable: true });
  const way = await startFaultyWay(server.port);
  const url = server.url('postgres');
  const client = () => createPostgresVoteStore({ voter, url, group: 'ours', answerMs });
  const [votes, others] = [client(), client()];
  const farUrl = new URL(url);
  farUrl.port = String(way.port);
  const farAt = { voter, url: farUrl.href, group: 'ours', answerMs: farAnswerMs };
  const far = createPostgresVoteStore(farAt);
  return {
    votes,
    others,
    far,
    way,
    farBoundMs,
    kept: (dataset) => keptOf(url, dataset),
    kill: () => server.kill(),
    start: async () => {
      server = await server.restart();
    },
    async [Symbol.asyncDispose]() {
      for (const each of [votes, others, far, way, server]) await each[Symbol.asyncDispose]();
    },
  };
});

async function keptOf(url: string, dataset: DatasetId): Promise<string> {
  await using databases = openDatabases({ store: voter, url });
  const sql = 'SELECT to_jsonb(record)::text AS row FROM votes.record WHERE dataset = $1';
  const [kept] = await databases.query<{ row: string }>('postgres', sql, [dataset]);
  return kept?.row ?? '';
}

after(suite.close);
for (const [title, run] of suite.cases) void test(`voter: ${title}`, run);

test('a witness keeps the votes of several deployments apart', async () => {
  await using server = await startTestPostgres();
  const url = server.url('postgres');
  await using ours = createPostgresVoteStore({ voter, url, group: 'ours', answerMs });
  await using theirs = createPostgresVoteStore({ voter, url, group: 'theirs', answerMs });
  const record = aRecord(1);
  await ours.compareAndSet({ expected: undefined, next: record });
  assert.equal(await theirs.read(record.dataset), undefined);
  await theirs.changeMembership({ generation: 5, started: [], stopped: [] });
  assert.equal((await ours.look()).membership, undefined);
});

test('V3: no statement of a voter reads a clock, and nothing it keeps is a time', async () => {
  await using server = await startTestPostgres({ settings: { log_statement: 'all' } });
  const url = server.url('postgres');
  await using votes = createPostgresVoteStore({ voter, url, group: 'ours', answerMs });
  const record = aRecord(1);
  await votes.compareAndSet({ expected: undefined, next: record });
  await votes.compareAndSet({ expected: record, next: { ...record, renewals: 2 } });
  await votes.compareAndSet({ expected: record, next: { ...record, renewals: 3 } });
  await votes.changeMembership({ generation: 1, started: [], stopped: [] });
  await votes.read(record.dataset);
  await votes.look();
  const log = await readFile(server.logFile, 'utf8');
  const said = log.split(/^\d{4}-.*?(?=LOG|ERROR|FATAL|DETAIL)/m);
  const asked = said.filter((each) => /votes\.(record|membership)/.test(each));
  assert.ok(asked.length >= 6, `the log shows ${asked.length} statements`);
  const clocks = /\bnow\s*\(|current_(time|date)|clock_timestamp|timeofday|_timestamp\s*\(/i;
  assert.deepEqual(
    asked.filter((each) => clocks.test(each)),
    [],
  );
  await using databases = openDatabases({ store: voter, url });
  const ofTimes = await databases.query(
    'postgres',
    `SELECT column_name FROM information_schema.columns
      WHERE table_schema = 'votes' AND table_name <> 'migrations'
        AND (data_type ~ 'time|date|interval' OR column_default IS NOT NULL)`,
  );
  assert.deepEqual(ofTimes, []);
});
