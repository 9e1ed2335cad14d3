import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  asPool,
  asRun,
  asServer,
  type HydrateOrder,
  type MovesPlan,
  type Order,
  type PlannedHydration,
  type RoleReport,
  routingGroupsOf,
  type ServerName,
} from '@understudy/core';
import { names } from '@understudy/core/testing';
import { type AgentClient, AgentUnreachableError } from '@understudy/ports';
import type { RunContext } from '@understudy/runbook-engine';
import { hydrateGroups } from './moving/hydrate-groups.ts';

// Pool west takes over with two servers: west-1 has the store, west-2 shares its groups.

const [one, two] = [names.westServer, asServer('west-2')];
const groups = routingGroupsOf({ name: asPool('east'), routingGroups: 4 });
const subject = { pool: names.eastPool, dataset: names.usersEast };
const hydrations: readonly PlannedHydration[] = [
  { ...subject, server: one, groups: groups.slice(0, 2) },
  { ...subject, server: two, groups: groups.slice(2), holder: one },
];

function aRun(difference: { readonly dead?: ServerName; readonly loaded?: boolean } = {}) {
  const { dead, loaded = false } = difference;
  const obeyed: string[] = [];
  const said: string[] = [];
  const agentOf = (server: ServerName): AgentClient => {
    const answer =
      <Args extends readonly unknown[], Result>(work: (...args: Args) => Result) =>
      async (...args: Args) => {
        if (server === dead) throw new AgentUnreachableError(`${server} does not answer`);
        return work(...args);
      };
    const own = hydrations.filter((each) => each.server === server).flatMap((each) => each.groups);
    const pools = [{ pool: subject.pool, isServing: true, groups: loaded ? own : [] }];
    const roles: readonly RoleReport[] = [{ role: 'registrar', isUp: true, pools }];
    return {
      server,
      report: answer(() => ({ roles })),
      obey: answer((order: Order) => {
        const asked = order as HydrateOrder;
        obeyed.push(`${server}: ${asked.groups.join(' ')}`);
        return { why: '', hydrated: asked.groups.map((group) => ({ group, users: 2 })) };
      }),
    } as unknown as AgentClient;
  };
  const plan = { moves: [], hydrations } as unknown as MovesPlan;
  const base = { plan, agentOf, run: asRun('run'), attempt: 1 };
  const context = { ...base, say: (words: string) => said.push(words) };
  return { context: context as unknown as RunContext<MovesPlan>, obeyed, said };
}

test('each routing group is loaded and named at the server that is to own it', async () => {
  const { context, obeyed, said } = aRun();
  assert.equal(await hydrateGroups.run(context), '8 users in 4 routing groups');
  assert.deepEqual(obeyed.toSorted(), ['west-1: east-rg1 east-rg2', 'west-2: east-rg3 east-rg4']);
  assert.ok(said.includes('east-rg4: 2 users on west-2'), said.join('; '));
});

test('a server that has died meanwhile holds nobody up: the holder loads its groups', async () => {
  const { context, obeyed, said } = aRun({ dead: two });
  assert.equal(await hydrateGroups.isDone(context), undefined);
  assert.equal(await hydrateGroups.run(context), '8 users in 4 routing groups');
  assert.deepEqual(obeyed.toSorted(), ['west-1: east-rg1 east-rg2', 'west-1: east-rg3 east-rg4']);
  assert.match(said.join('; '), /west-2 does not load its groups \(.*\); west-1 does/);
});

test('the holder itself has to answer', async () => {
  await assert.rejects(hydrateGroups.run(aRun({ dead: one }).context), AgentUnreachableError);
});

test('it is done where every planned server has its groups', async () => {
  assert.ok(await hydrateGroups.isDone(aRun({ loaded: true }).context));
  assert.equal(await hydrateGroups.isDone(aRun().context), undefined);
});
