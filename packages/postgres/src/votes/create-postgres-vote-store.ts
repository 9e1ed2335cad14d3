import {
  type DatasetId,
  type Membership,
  membershipOf,
  type VoteRecord,
  type VoterName,
  type VoteWrite,
} from '@understudy/core';
import {
  EngineRefusedError,
  type MembershipChanged,
  type Voted,
  type VoterLook,
  type VoteStore,
} from '@understudy/ports';
import { bounds } from '../connect/bounds.ts';
import { type Databases, openDatabases } from '../connect/databases.ts';
import { once } from '../connect/once.ts';
import { readMigrations } from '../migrate/read-migrations.ts';
import { runMigrations } from '../migrate/run-migrations.ts';

export type PostgresVoteStoreOptions = {
  readonly voter: VoterName;
  /** A URL of a user that may make a schema in that database. Secret. */
  readonly url: string;
  /** Whose votes: several groups may share one witness. */
  readonly group: string;
  /** Asked before the first question; what it throws is the question's error. */
  readonly admit?: () => Promise<void>;
  /** How long each answer is waited for. */
  readonly answerMs: number;
};

export type PostgresVoteStore = VoteStore & AsyncDisposable;

const voteMigrations = readMigrations(new URL('../../vote-migrations/', import.meta.url));
const schema = 'votes';

/** A voter in a database of any PostgreSQL; its schema is made at the first question. */
export function createPostgresVoteStore(options: PostgresVoteStoreOptions): PostgresVoteStore {
  const { voter, url, group, admit, answerMs } = options;
  const database = decodeURIComponent(new URL(url).pathname.slice(1)) || 'postgres';
  const databases = openDatabases({
    store: voter,
    url,
    connectionsMax: bounds.voteConnectionsMax,
    ...(admit === undefined ? {} : { admit }),
  });
  const ready = once(() => openVotes(databases, { database, group }));
  const ask: Ask = async (sql, values) => {
    await ready();
    return databases.session({ database, answerMs }, (session) => session.query(sql, values));
  };
  const voting: Voting = { ask, group };
  return {
    voter,
    read: (dataset) => read(voting, dataset),
    compareAndSet: (write) => compareAndSet(voting, write),
    look: () => look(voting),
    changeMembership: (next) => changeMembership(voting, next),
    [Symbol.asyncDispose]: () => databases[Symbol.asyncDispose](),
  };
}

type Ask = <Row>(sql: string, values: readonly unknown[]) => Promise<readonly Row[]>;
type Voting = { readonly ask: Ask; readonly group: string };

/** The row of the membership is there from the beginning, so that each write can lock it. */
async function openVotes(
  databases: Databases,
  { database, group }: { readonly database: string; readonly group: string },
): Promise<void> {
  await databases.transaction({ database }, async (session) => {
    await runMigrations(session, voteMigrations, schema);
    await session.query(
      'INSERT INTO votes.membership (group_id, generation) VALUES ($1, 0) ON CONFLICT DO NOTHING',
      [group],
    );
  });
}

async function read({ ask, group }: Voting, dataset: DatasetId): Promise<VoteRecord | undefined> {
  const sql = 'SELECT value FROM votes.record WHERE group_id = $1 AND dataset = $2';
  const [row] = await ask<{ value: VoteRecord }>(sql, [group, dataset]);
  return row?.value;
}

// V4: the share lock holds a change of the membership back until this write stands, and makes this
// write see the change that it waited for. One statement: judged and written in one place.
const allowedSql = `
  WITH allowed AS MATERIALIZED (
    SELECT FROM votes.membership WHERE group_id = $1 AND generation <= $4 FOR SHARE)`;

const insertSql = `${allowedSql}
  INSERT INTO votes.record (group_id, dataset, value)
  SELECT $1, $2, $3::jsonb FROM allowed ON CONFLICT DO NOTHING RETURNING dataset`;

const replaceSql = `${allowedSql}
  UPDATE votes.record SET value = $3::jsonb
   WHERE group_id = $1 AND dataset = $2 AND value = $5::jsonb AND EXISTS (SELECT FROM allowed)
  RETURNING dataset`;

async function compareAndSet(
  voting: Voting,
  { expected, next }: Omit<VoteWrite, 'voter'>,
): Promise<Voted> {
  const { dataset, generation } = next;
  const values = [voting.group, dataset, JSON.stringify(next), membershipOf(generation)];
  const set =
    expected === undefined
      ? await voting.ask(insertSql, values)
      : await voting.ask(replaceSql, [...values, JSON.stringify(expected)]);
  if (set.length > 0) return { isDone: true, current: next };
  // What stands there may be this very write: the answer of an earlier try was lost.
  const sql = `SELECT value, value = $3::jsonb AS "isSame" FROM votes.record
                WHERE group_id = $1 AND dataset = $2`;
  const [row] = await voting.ask<{ value: VoteRecord; isSame: boolean }>(sql, values.slice(0, 3));
  if (row?.isSame === true) return { isDone: true, isRepeated: true, current: row.value };
  return { isDone: false, current: row?.value };
}

async function look({ ask, group }: Voting): Promise<VoterLook> {
  const sql = `SELECT id::text AS identity, value AS membership
                 FROM votes.identity LEFT JOIN votes.membership ON group_id = $1`;
  const [row] = await ask<{ identity: string; membership: Membership | null }>(sql, [group]);
  if (row === undefined)
    throw new EngineRefusedError('its table votes.identity is empty: insert a row there');
  const { identity, membership } = row;
  return { identity, ...(membership === null ? {} : { membership }) };
}

async function changeMembership(voting: Voting, next: Membership): Promise<MembershipChanged> {
  const set = await voting.ask(
    `UPDATE votes.membership SET generation = $2, value = $3::jsonb
      WHERE group_id = $1 AND (generation < $2 OR value = $3::jsonb) RETURNING group_id`,
    [voting.group, next.generation, JSON.stringify(next)],
  );
  const current = set.length > 0 ? next : (await look(voting)).membership;
  return { isDone: set.length > 0, current };
}
