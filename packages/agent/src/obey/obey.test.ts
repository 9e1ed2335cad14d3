import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  activeRecordOf,
  type ActiveRecord,
  asGeneration,
  asRun,
  asStore,
  type Order,
  type RefusalCode,
  type RunId,
  type RunRow,
} from '@understudy/core';
import { names } from '@understudy/core/testing';
import { OrderRefusedError } from '@understudy/ports';
import type { Agent } from '../agent.ts';
import { type TwoSites, twoSites } from '../testing/two-sites.ts';

const run = asRun('run-1');
const dataset = names.usersEast;

async function refusal(sites: TwoSites, agent: Agent, order: Order): Promise<RefusalCode> {
  try {
    await sites.clock.finish(agent.client.obey(order));
  } catch (error) {
    if (error instanceof OrderRefusedError) return error.refusal.code;
    throw error;
  }
  return assert.fail(`${order.kind} was obeyed`);
}

async function recordOf({ clock }: TwoSites, agent: Agent): Promise<ActiveRecord> {
  const { decisions } = await clock.finish(agent.report());
  return activeRecordOf(decisions, dataset) ?? assert.fail('no record');
}

async function stateOf({ clock }: TwoSites, agent: Agent): Promise<string | undefined> {
  const { copies } = await clock.finish(agent.report());
  return copies.find((copy) => copy.dataset === dataset)?.state;
}

type Switch = { readonly run?: RunId; readonly attempt?: number };

async function aFence(sites: TwoSites, { attempt = 1, ...rest }: Switch = {}) {
  const { generation } = await recordOf(sites, sites.east);
  const about = { dataset, generation, target: names.westStore };
  return { kind: 'fence', run, attempt, ...rest, ...about } as const satisfies Order;
}

/** East is fenced and west has the marker: all that a planned switch does before its decision. */
async function fenced(sites: TwoSites): Promise<ActiveRecord> {
  const record = await recordOf(sites, sites.east);
  const { generation } = record;
  await sites.clock.finish(sites.east.client.obey(await aFence(sites)));
  const marker = { dataset, generation, run, attempt: 1 };
  const awaiting = { kind: 'awaitMarker', run, attempt: 1, marker, timeoutMs: 5_000 } as const;
  await sites.clock.finish(sites.west.client.obey(awaiting));
  const taken = asGeneration(generation + 1);
  const former = {
    store: names.eastStore,
    since: record.since,
    generation,
    how: 'handOver',
  } as const;
  return { ...record, generation: taken, since: taken, active: names.westStore, former };
}

test('E14: a lower attempt is refused, by the next life of an agent too', async () => {
  const sites = await twoSites();
  const verify = { kind: 'verify', dataset, run } as const;
  await sites.clock.finish(sites.west.client.obey({ ...verify, attempt: 2 }));
  assert.equal(await refusal(sites, sites.west, { ...verify, attempt: 1 }), 'staleAttempt');
  const next = sites.restart(names.westServer);
  assert.equal(await refusal(sites, next, { ...verify, attempt: 1 }), 'staleAttempt');
});

test('E14: a leader that was taken over decides nothing more', async () => {
  const sites = await twoSites();
  const record = await recordOf(sites, sites.west);
  const next = { ...record, generation: asGeneration(record.generation + 1) };
  const verify = { kind: 'verify', dataset, run, attempt: 2 } as const;
  await sites.clock.finish(sites.west.client.obey(verify));
  for (const agent of [sites.west, sites.restart(names.westServer)]) {
    const late = agent.client.decide(next, record.generation, { run, attempt: 1 });
    await assert.rejects(sites.clock.finish(late), OrderRefusedError);
  }
  assert.equal((await recordOf(sites, sites.west)).generation, record.generation);
});

test('E14: who took a run over is known before it gives its first order', async () => {
  const sites = await twoSites();
  const row: RunRow = {
    id: run,
    runbook: 'pool-failover',
    version: 1,
    subject: 'pool:east',
    plan: {},
    planHash: 'hash',
    attempt: 2,
    leader: names.eastServer,
    state: 'running',
    startedAtMs: 0,
    startedBy: 'anna',
    approvals: {},
    why: 'attempt 2, taken by anna',
  };
  await sites.clock.finish(sites.west.client.takeRun(row, undefined));
  const verify = { kind: 'verify', dataset, run, attempt: 1 } as const;
  assert.equal(await refusal(sites, sites.west, verify), 'staleAttempt');
});

test('a fence of another generation is refused, and users are served', async () => {
  const sites = await twoSites();
  const fence = { ...(await aFence(sites)), generation: asGeneration(1) };
  assert.equal(await refusal(sites, sites.east, fence), 'staleGeneration');
  assert.equal(await stateOf(sites, sites.east), 'mounted');
});

test('the roles hear of a fence before it, and of a mount at once', async () => {
  const sites = await twoSites();
  const record = await fenced(sites);
  const east = sites.pictures.get(names.eastServer)?.at(-1);
  assert.deepEqual(east?.mounts, []);
  await sites.clock.finish(
    sites.west.client.decide(record, (await recordOf(sites, sites.west)).generation),
  );
  await sites.clock.finish(sites.west.client.obey({ kind: 'mount', run, attempt: 1, record }));
  const west = sites.pictures.get(names.westServer)?.at(-1);
  const mount = west?.mounts.find((each) => each.dataset === dataset);
  assert.equal(mount?.generation, record.generation);
  assert.ok((mount?.deadlineMs ?? 0) > sites.clock.bootMs());
});

test('E1: a hand-over is mounted only over the marker of its own run', async () => {
  const sites = await twoSites();
  const record = await fenced(sites);
  await sites.clock.finish(
    sites.west.client.decide(record, (await recordOf(sites, sites.west)).generation),
  );
  const mount = { kind: 'mount', attempt: 1, record } as const;
  assert.equal(await refusal(sites, sites.west, { ...mount, run: asRun('run-2') }), 'rule');
  await sites.clock.finish(sites.west.client.obey({ ...mount, run }));
  assert.equal(await stateOf(sites, sites.west), 'mounted');
});

test('E1: an aborted source mounts under a new generation; a late fence is refused', async () => {
  const sites = await twoSites();
  const before = await recordOf(sites, sites.east);
  const fence = await aFence(sites);
  await fenced(sites);
  const abort = { kind: 'abortSwitch', run, attempt: 1, dataset } as const;
  await sites.clock.finish(sites.west.client.obey({ ...abort, side: 'target' }));
  await sites.clock.finish(sites.east.client.obey({ ...abort, side: 'source' }));
  const after = await recordOf(sites, sites.east);
  assert.ok(after.generation > before.generation);
  assert.equal(after.since, before.since);
  assert.equal(await stateOf(sites, sites.east), 'mounted');
  const late = { ...fence, generation: after.generation };
  assert.equal(await refusal(sites, sites.east, late), 'staleAttempt');
});

test('E1: a target that aborted never mounts, in its next life neither', async () => {
  const sites = await twoSites();
  const record = await fenced(sites);
  const abort = { kind: 'abortSwitch', run, attempt: 1, dataset, side: 'target' } as const;
  await sites.clock.finish(sites.west.client.obey(abort));
  const next = sites.restart(names.westServer);
  const mount = { kind: 'mount', run, attempt: 1, record } as const;
  assert.equal(await refusal(sites, next, mount), 'staleAttempt');
});

test('what the lifecycle has no line for is refused, and nothing is changed', async () => {
  const sites = await twoSites();
  const record = await recordOf(sites, sites.east);
  const seedOfActive = { dataset, from: names.westStore, to: names.eastStore, since: record.since };
  const seed = { kind: 'seed', run, attempt: 1, link: seedOfActive, record } as const;
  assert.equal(await refusal(sites, sites.east, seed), 'wrongState');
  const setAside = { kind: 'setAside', run, attempt: 1, dataset, record } as const;
  assert.equal(await refusal(sites, sites.east, setAside), 'wrongState');
  const detach = {
    kind: 'detach',
    run,
    attempt: 1,
    dataset,
    generation: record.generation,
  } as const;
  assert.equal(await refusal(sites, sites.east, detach), 'wrongState');
  assert.equal(await stateOf(sites, sites.east), 'mounted');
});

test('an order about a copy of another server is refused', async () => {
  const sites = await twoSites();
  const record = await recordOf(sites, sites.east);
  const link = { dataset, from: names.eastStore, to: names.westStore, since: record.since };
  const follow = { kind: 'follow', run, attempt: 1, link, record } as const;
  assert.equal(await refusal(sites, sites.east, follow), 'notHere');
});

test('E1: a run taken up after its mount ran out mounts under a new generation', async () => {
  const sites = await twoSites();
  const record = await fenced(sites);
  const known = (await recordOf(sites, sites.west)).generation;
  await sites.clock.finish(sites.west.client.decide(record, known));
  const mount = { kind: 'mount', run, record } as const;
  await sites.clock.finish(sites.west.client.obey({ ...mount, attempt: 1 }));
  await sites.clock.advance(sites.topology.limits.leaseMs + 1_000);
  const next = sites.restart(names.westServer);
  await sites.clock.finish(next.client.obey({ ...mount, attempt: 2 }));
  assert.equal(await stateOf(sites, next), 'mounted');
  const after = await recordOf(sites, next);
  assert.ok(after.generation > record.generation);
  assert.equal(after.since, record.since);
});

test('E1: a forced run does so though the partner is silent, a planned one not', async () => {
  for (const how of ['forced', 'handOver'] as const) {
    const sites = await twoSites();
    const switched = await fenced(sites);
    const { former } = switched;
    const record = { ...switched, ...(former && { former: { ...former, how } }) };
    const known = (await recordOf(sites, sites.west)).generation;
    await sites.clock.finish(sites.west.client.decide(record, known));
    const mount = { kind: 'mount', run, record } as const;
    await sites.clock.finish(sites.west.client.obey({ ...mount, attempt: 1 }));
    sites.silent.add(names.eastServer);
    await sites.clock.advance(sites.topology.limits.leaseMs + 1_000);
    const next = sites.restart(names.westServer);
    const obeyed = next.client.obey({ ...mount, attempt: 2 });
    if (how === 'forced') await sites.clock.finish(obeyed);
    else await assert.rejects(sites.clock.finish(obeyed), /may know better/);
  }
});

test('a copy that follows by its seed is not torn off to follow by another slot', async () => {
  const sites = await twoSites();
  const record = await recordOf(sites, sites.west);
  const since = asGeneration(record.since + 5);
  const link = { dataset, from: names.eastStore, to: names.westStore, since };
  const order = { kind: 'follow', run, attempt: 1, link, record } as const;
  const { why } = await sites.clock.finish(sites.west.client.obey(order));
  assert.match(why, /follows east-store since its seed/);
  const { copies } = await sites.clock.finish(sites.west.report());
  const copy = copies.find((each) => each.dataset === dataset);
  assert.equal(copy?.following?.link.since, record.since);
});

test('A4: a copy that lacks the last writes is not torn off from whom it followed', async () => {
  const sites = await twoSites();
  const known = await recordOf(sites, sites.west);
  const { since, generation } = known;
  const taken = asGeneration(generation + 1);
  const former = { store: names.eastStore, since, generation, how: 'handOver' } as const;
  const active = asStore('east-spare');
  const record = { ...known, active, generation: taken, since: taken, former };
  sites.eastStore.crash();
  const link = { dataset, from: active, to: names.westStore, since: taken };
  const order = { kind: 'follow', run, attempt: 1, link, record } as const;
  assert.equal(await refusal(sites, sites.west, order), 'wrongState');
  const [copy] = await sites.clock.finish(sites.engines.west.observe(dataset));
  assert.equal(copy?.following?.link.from, names.eastStore);
});
