import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  asGeneration,
  defaultLimits,
  type HandOnAnswer,
  type HandOnQuestion,
  type ServerRecord,
} from '@understudy/core';
import { aRecord, names } from '@understudy/core/testing';
import { SimulatedClock } from '@understudy/ports/fake';
import type { HeldMount } from '../agent-memory.ts';
import { aSeat, one, type Seat, two } from '../testing/two-in-east.ts';
import { askHolder, holdersOf } from './ask-holders.ts';
import { handOn } from './hand-on.ts';
import { possibleHolders } from './serving-pool.ts';

// Pool east has two servers; east-1 has the store with its data.

const dataset = names.usersEast;
const { serverSilenceMs, serverSteadyMs } = defaultLimits;
const generation = aRecord().generation;

function hold({ memory, hands }: Seat, difference: Partial<HeldMount> = {}): void {
  const deadlineMs = hands.parts.clock.bootMs() + 6_000;
  const store = names.eastStore;
  const id = names.usersEastId;
  memory.mounts.set(dataset, { dataset, id, store, generation, deadlineMs, ...difference });
}

const question = (difference: Partial<HandOnQuestion> = {}): HandOnQuestion => ({
  server: two,
  isAnswering: true,
  waitMs: 0,
  ...difference,
});

/** The second server goes on asking for so long, as its agent would. */
async function askFor(seat: Seat, clock: SimulatedClock, ms: number): Promise<HandOnAnswer> {
  for (let passedMs = 0; passedMs < ms; passedMs += 1_000) {
    await renewed(seat);
    await clock.finish(handOn(seat.hands, question()));
    await clock.advance(1_000);
  }
  return await clock.finish(handOn(seat.hands, question()));
}

async function renewed(seat: Seat): Promise<void> {
  hold(seat);
  await seat.hands.assigner.assign();
}

const spreadOf = (answer: HandOnAnswer) =>
  answer.mounts[0]?.owners.owned.map(({ server, groups }) => [server, groups.length]);

test('only servers with a copy can hold what another serves, and only within a pool', () => {
  const { topology } = aSeat(one, new SimulatedClock()).hands.parts;
  assert.deepEqual(possibleHolders(topology, two), [one]);
  assert.deepEqual(possibleHolders(topology, one), []);
  assert.deepEqual(possibleHolders(topology, names.westServer), []);
});

test('a server that asks steadily gets its share; one that falls silent loses it', async () => {
  const clock = new SimulatedClock();
  const seat = aSeat(one, clock);
  await renewed(seat);
  const fresh = await clock.finish(handOn(seat.hands, question()));
  assert.deepEqual(spreadOf(fresh), [[one, 8]]);
  assert.equal(fresh.mounts[0]?.url, 'postgres://one/users_east');
  const steady = await askFor(seat, clock, serverSteadyMs + 1_000);
  assert.deepEqual(spreadOf(steady), [
    [one, 4],
    [two, 4],
  ]);
  await clock.advance(1);
  assert.equal(seat.told.at(-1)?.mounts[0]?.routingGroups.length, 4);
  await clock.advance(serverSilenceMs + 1);
  await renewed(seat);
  const [mount] = seat.told.at(-1)?.mounts ?? [];
  assert.equal(mount?.routingGroups.length, 8);
  assert.deepEqual(
    mount?.owners?.others.map((each) => each.isAnswering),
    [false],
  );
  assert.match(seat.said.at(-1) ?? '', /east-2 owns 0 instead of 4 \(it is silent\)/);
});

test('a server whose roles do not answer is as silent as one that is off', async () => {
  const clock = new SimulatedClock();
  const seat = aSeat(one, clock);
  await askFor(seat, clock, serverSteadyMs + 1_000);
  for (let times = 0; times < 5; times += 1) {
    await clock.advance(1_000);
    await renewed(seat);
    await clock.finish(handOn(seat.hands, question({ isAnswering: false })));
  }
  const answer = await clock.finish(handOn(seat.hands, question({ isAnswering: false })));
  assert.deepEqual(spreadOf(answer), [[one, 8]]);
});

test('a drained server owns nothing', async () => {
  const clock = new SimulatedClock();
  const seat = aSeat(one, clock);
  await askFor(seat, clock, serverSteadyMs + 1_000);
  const drained: ServerRecord = {
    kind: 'server',
    server: two,
    generation: asGeneration(1),
    drained: 'new disks',
  };
  seat.memory.decisions = [...seat.memory.decisions, drained];
  const answer = await clock.finish(handOn(seat.hands, question()));
  assert.deepEqual(spreadOf(answer), [[one, 8]]);
  assert.deepEqual(answer.mounts[0]?.answering, [one, two]);
});

test("the holder's next life goes on with what roles report, under a higher number", async () => {
  const clock = new SimulatedClock();
  const before = await askFor(aSeat(one, clock), clock, serverSteadyMs + 1_000);
  const owners = before.mounts[0]?.owners ?? assert.fail();
  const next = aSeat(one, clock);
  const pools = [{ pool: names.eastPool, isServing: true, groups: [], owners }];
  next.memory.roles = [{ role: 'registrar', isUp: true, pools }];
  await renewed(next);
  const after = await clock.finish(handOn(next.hands, question()));
  assert.deepEqual(after.mounts[0]?.owners, owners);
  await clock.advance(serverSilenceMs + 1);
  await renewed(next);
  const later = next.memory.owners.get(dataset);
  assert.ok((later?.number ?? 0) > owners.number);
});

test('an agent that has not looked yet says nothing: what it held may go on', async () => {
  const clock = new SimulatedClock();
  const seat = aSeat(one, clock);
  seat.memory.isSettled = false;
  await assert.rejects(handOn(seat.hands, question()), /has not looked yet/);
});

test('a question waits for news, and no longer than it says', async () => {
  const clock = new SimulatedClock();
  const seat = aSeat(one, clock);
  await renewed(seat);
  const { life, number } = await clock.finish(handOn(seat.hands, question()));
  const asked = question({ heard: { life, number }, waitMs: 1_000 });
  let isAnswered = false;
  const answered = handOn(seat.hands, asked).then((answer) => {
    isAnswered = true;
    return answer;
  });
  await clock.advance(500);
  assert.equal(isAnswered, false);
  seat.memory.mounts.delete(dataset); // As a fence does, which tells the roles in that instant.
  void seat.hands.assigner.assign();
  assert.deepEqual((await clock.finish(answered)).mounts, []);
  const still = { life, number: seat.memory.news.number() };
  const start = clock.bootMs();
  await clock.finish(handOn(seat.hands, question({ heard: still, waitMs: 1_000 })));
  assert.equal(clock.bootMs() - start, 1_000);
});

/** The second server, whose holder answers what the test says next. */
function anAsker(clock: SimulatedClock) {
  const next: { answer?: () => Promise<HandOnAnswer> } = {};
  const seat = aSeat(two, clock, async () => await (next.answer ?? assert.fail)());
  const [holder = assert.fail()] = holdersOf(seat.hands.parts);
  const ask = (answer: () => Promise<HandOnAnswer>) => {
    next.answer = answer;
    return clock.finish(askHolder(seat.hands, holder, { waitMs: 0 }));
  };
  const answerOf = (difference: Partial<HandOnAnswer['mounts'][number]> = {}, gen = generation) => {
    const owners = { generation: gen, number: 3, owned: [] };
    const pool = names.eastPool;
    const mount = { dataset, id: names.usersEastId, pool, generation: gen, url: 'postgres://one' };
    const rest = { remainsMs: 5_000, owners, answering: [one, two] };
    return { life: 'a', number: 1, mounts: [{ ...mount, ...rest, ...difference }] };
  };
  return { seat, ask, answerOf };
}

test('E12: what remains of a mount counts from when it was asked for, never later', async () => {
  const clock = new SimulatedClock();
  const { seat, ask, answerOf } = anAsker(clock);
  const askedMs = clock.bootMs();
  await ask(async () => {
    await clock.sleep(700);
    return answerOf();
  });
  const [mount] = seat.told.at(-1)?.mounts ?? [];
  assert.equal(mount?.deadlineMs, askedMs + 5_000);
  assert.equal(
    seat.told.at(-1)?.pools.find(({ pool }) => pool === names.eastPool)?.isServing,
    true,
  );
});

test('within a mount no deadline is lowered and no decision on owners is taken back', async () => {
  const clock = new SimulatedClock();
  const { seat, ask, answerOf } = anAsker(clock);
  const startMs = clock.bootMs();
  await ask(async () => answerOf());
  const owners = { generation, number: 2, owned: [{ server: two, groups: [] }] };
  await ask(async () => answerOf({ remainsMs: 10, owners }));
  const hold = seat.memory.shared.get(dataset);
  assert.equal(hold?.deadlineMs, startMs + 5_000);
  assert.equal(hold.mount.owners.number, 3);
});

test('what is over is over at once; what is not heard of holds until its deadline', async () => {
  const clock = new SimulatedClock();
  const { seat, ask, answerOf } = anAsker(clock);
  await ask(async () => answerOf());
  await ask(() => Promise.reject(new Error('cut off')));
  assert.equal(seat.memory.shared.size, 1);
  await clock.advance(5_001);
  await seat.hands.assigner.assign();
  assert.deepEqual(seat.told.at(-1)?.mounts, []);
  await ask(async () => answerOf());
  assert.equal(seat.told.at(-1)?.mounts.length, 1);
  await ask(async () => ({ life: 'a', number: 2, mounts: [] }));
  assert.deepEqual(seat.told.at(-1)?.mounts, []);
});

test('E1: a mount older than what is decided is not served by', async () => {
  const clock = new SimulatedClock();
  const { seat, ask, answerOf } = anAsker(clock);
  const newer = asGeneration(generation + 1);
  seat.memory.decisions = [aRecord({ generation: newer })];
  await ask(async () => answerOf());
  assert.equal(seat.memory.shared.size, 0);
  await ask(async () => answerOf({}, newer));
  assert.equal(seat.memory.shared.size, 1);
  await ask(async () => answerOf());
  assert.equal(seat.memory.shared.get(dataset)?.mount.generation, newer);
});

test('a pool in limited mode is served by every server of its backup pool', async () => {
  const clock = new SimulatedClock();
  const holder = aSeat(one, clock);
  holder.memory.decisions = [
    aRecord(),
    aRecord({ dataset: names.usersWest, active: names.westStore }),
  ];
  holder.memory.limited.set(names.westPool, {
    state: 'on',
    why: 'its home is silent',
    sinceMs: 7,
    servedAtMs: 0,
    servingSinceMs: undefined,
    isAwaited: false,
    returnsMs: [],
  });
  const other = aSeat(two, clock, (asked) => handOn(holder.hands, asked));
  const [client] = holdersOf(other.hands.parts);
  assert.ok(client);
  await askFor(holder, clock, serverSteadyMs + 1_000);
  const ask = () => clock.finish(askHolder(other.hands, client, { waitMs: 0 }));
  await ask();
  const [limited] = other.told.at(-1)?.limited ?? [];
  assert.equal(limited?.pool, names.westPool);
  assert.equal(limited?.queueIn, dataset, 'what is changed goes into the mount that was handed on');
  assert.match(limited?.url ?? '', /^fake-reader:/);
  const leftMs = (limited?.deadlineMs ?? 0) - clock.bootMs();
  assert.ok(leftMs > 0 && leftMs <= defaultLimits.leaseMs);
  holder.memory.limited.delete(names.westPool);
  await ask();
  assert.deepEqual(other.told.at(-1)?.limited, [], 'and is over where it is over there');
});
