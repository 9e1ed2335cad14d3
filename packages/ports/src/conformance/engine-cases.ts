/** Time enough for any clock to have moved on. */
const betweenMs = 50;
import assert from 'node:assert/strict';
import { asDatasetId, type CopyObservation } from '@understudy/core';
import { TimedOutError } from '../clock.ts';
import { EngineRefusedError } from '../dataset-engine.ts';
import {
  eventually,
  generationOf,
  isLevel,
  longMs,
  mountEast,
  mountOn,
  run,
  seedWest,
  seesRow,
  type Stage,
  switchToWest,
  write,
} from './engine-subject.ts';

/** What any dataset engine must do, by name. Each works on a dataset of its own. */
export const engineCases: Readonly<Record<string, (stage: Stage) => Promise<void>>> = {
  'a new copy is shut, and is made once': async (stage) => {
    const { dataset, id, east, settle } = stage;
    await settle(east.engine.create({ dataset, id }));
    await settle(east.engine.create({ dataset, id }));
    const copy = await stage.look(east);
    assert.equal(copy.id, id);
    assert.equal(copy.gate.isOpen, false);
    assert.equal(copy.mountedGeneration, 0);
    const other = asDatasetId('01990000-0000-7000-8000-ffffffffffff');
    await refused(settle(east.engine.create({ dataset, id: other })));
    await assert.rejects(write(stage, east, { generation: 1, row: 'a', value: '1' }));
  },

  'only writes of the mounted generation pass the gate': async (stage) => {
    const { dataset, east, settle } = stage;
    await mountEast(stage, 5);
    await assert.rejects(write(stage, east, { generation: 4, row: 'a', value: '1' }));
    await assert.rejects(write(stage, east, { generation: 6, row: 'a', value: '1' }));
    const rows = await settle(east.rows(dataset));
    assert.deepEqual([...rows], [['first', 'of east']]);
  },

  'every mount has a new generation (E1)': async (stage) => {
    const { dataset, east, settle } = stage;
    await mountEast(stage, 5);
    await mountOn(stage, east, 5); // Repeated after a lost answer: nothing happens.
    await refused(mountOn(stage, east, 4));
    const generation = generationOf(5);
    await settle(east.engine.fence({ dataset, generation, drainMs: 100, timeoutMs: longMs }));
    assert.equal((await stage.look(east)).gate.isOpen, false);
    await refused(mountOn(stage, east, 5));
    await mountOn(stage, east, 6);
    await write(stage, east, { generation: 6, row: 'a', value: '1' });
  },

  'the time of a gate counts from the reading before the question (V1)': async (stage) => {
    const { dataset, east, settle, clock } = stage;
    await mountEast(stage);
    const generation = generationOf(1);
    const fromMs = await settle(east.engine.readGateClock(dataset));
    await settle(clock.sleep(betweenMs));
    const renewal = { dataset, generation, validForMs: 2 * longMs, fromMs };
    const renewed = await settle(east.engine.renew(renewal));
    assert.equal(renewed?.validUntilMs, Math.floor(fromMs) + 2 * longMs);
    // A late message lowers nothing.
    const late = await settle(east.engine.renew({ ...renewal, fromMs: fromMs - longMs }));
    assert.equal(late?.validUntilMs, renewed?.validUntilMs);
    await settle(east.engine.fence({ dataset, generation, drainMs: 100, timeoutMs: longMs }));
    const order = { dataset, generation: generationOf(2), holder: 'the suite', fromMs };
    const opened = await settle(east.engine.mount({ ...order, validForMs: 3 * longMs }));
    assert.equal(opened.validUntilMs, Math.floor(fromMs) + 3 * longMs);
  },

  'a shut gate is neither renewed nor beaten through': async (stage) => {
    const { dataset, east, settle } = stage;
    await mountEast(stage);
    const [mine, other] = [generationOf(1), generationOf(2)];
    const renewed = await settle(
      east.engine.renew({ dataset, generation: mine, validForMs: 2 * longMs }),
    );
    assert.ok(renewed);
    assert.equal(
      await settle(east.engine.renew({ dataset, generation: other, validForMs: longMs })),
      undefined,
    );
    assert.equal(await settle(east.engine.beat({ dataset, generation: other })), false);
    assert.equal(await settle(east.engine.beat({ dataset, generation: mine })), true);
    assert.equal(await settle(east.engine.beat({ dataset, generation: mine })), true);
    assert.equal((await stage.look(east)).heartbeat?.number, 2);
    await settle(east.engine.fence({ dataset, generation: mine, drainMs: 100, timeoutMs: longMs }));
    assert.equal(
      await settle(east.engine.renew({ dataset, generation: mine, validForMs: longMs })),
      undefined,
    );
    assert.equal(await settle(east.engine.beat({ dataset, generation: mine })), false);
  },

  'a crash shuts the gate (E5)': async (stage) => {
    const { dataset, east, settle } = stage;
    await mountEast(stage);
    await settle(east.crash());
    assert.equal((await stage.look(east)).gate.isOpen, false);
    const generation = generationOf(1);
    assert.equal(
      await settle(east.engine.renew({ dataset, generation, validForMs: longMs })),
      undefined,
    );
    await assert.rejects(write(stage, east, { generation: 1, row: 'a', value: '1' }));
    await refused(mountOn(stage, east, 1));
    await mountOn(stage, east, 2);
    await write(stage, east, { generation: 2, row: 'a', value: '1' });
    assert.equal((await settle(east.rows(dataset))).get('first'), 'of east');
  },

  'a seeded copy has what was there and follows': async (stage) => {
    const { id, east, west, settle, link } = stage;
    await seedWest(stage);
    await settle(west.engine.seed({ id, link: link(east.engine.store, west.engine.store, 1) }));
    await write(stage, east, { generation: 1, row: 'second', value: 'later' });
    await seesRow(stage, west, { row: 'second', value: 'later' });
    await seesRow(stage, west, { row: 'first', value: 'of east' });
    const copy = await stage.look(west);
    assert.equal(copy.id, id);
    assert.equal(copy.tablesHash, (await stage.look(east)).tablesHash);
    assert.deepEqual(copy.following?.link, link(east.engine.store, west.engine.store, 1));
    assert.deepEqual(
      copy.slots.map((slot) => slot.link),
      [link(west.engine.store, east.engine.store, 1)],
    );
    await refused(mountOn(stage, west, 2)); // E9: it is not detached.
  },

  'a suspended copy stands still, a resumed one catches up': async (stage) => {
    const { dataset, east, west, settle } = stage;
    await seedWest(stage);
    await settle(west.engine.suspend(dataset));
    assert.equal((await stage.look(west)).following?.isEnabled, false);
    await write(stage, east, { generation: 1, row: 'second', value: 'later' });
    assert.equal((await settle(west.rows(dataset))).has('second'), false);
    await settle(west.engine.resume(dataset));
    await seesRow(stage, west, { row: 'second', value: 'later' });
  },

  'a planned switch loses nothing and comes back without a copy (E1, E6)': plannedSwitch,

  'only the very marker is accepted (E1)': async (stage) => {
    const { dataset, east, west, settle } = stage;
    await seedWest(stage);
    const generation = generationOf(1);
    const handOver = { run, attempt: 1, target: west.engine.store };
    const request = { dataset, generation, drainMs: 100, timeoutMs: longMs, handOver };
    const first = await settle(east.engine.fence(request));
    assert.equal((await settle(east.engine.fence(request))).generation, first.generation);
    const marker = { dataset, generation, run, attempt: 1 };
    await settle(west.engine.awaitMarker({ marker, timeoutMs: longMs }));
    const other = { ...marker, attempt: 2 };
    await assert.rejects(
      settle(west.engine.awaitMarker({ marker: other, timeoutMs: 100 })),
      TimedOutError,
    );
  },

  'an unplanned activation stores the position reached (A1)': async (stage) => {
    const { dataset, east, west, settle } = stage;
    await seedWest(stage);
    await write(stage, east, { generation: 1, row: 'second', value: 'later' });
    await seesRow(stage, west, { row: 'second', value: 'later' });
    const generation = generationOf(1);
    const order = { dataset, generation, timeoutMs: longMs };
    const origin = await settle(west.engine.detach(order));
    assert.equal(origin?.from, east.engine.store);
    assert.equal(origin.generation, generation);
    assert.deepEqual(await settle(west.engine.detach(order)), origin);
    const copy = await stage.look(west);
    assert.deepEqual(copy.origin, origin);
    assert.equal(copy.following, undefined);
    await mountOn(stage, west, 2);
    await write(stage, west, { generation: 2, row: 'third', value: 'of west' });
  },

  'verify names the row that differs (E11)': verifyNamesTheRow,

  'links that are over leave nothing behind (E2)': async (stage) => {
    const { dataset, east, west, settle, link } = stage;
    await seedWest(stage);
    const back = link(west.engine.store, east.engine.store, 1);
    await settle(west.engine.dropLinks(dataset, [back]));
    assert.equal((await stage.look(west)).slots.length, 1);
    await settle(west.engine.dropLinks(dataset, []));
    assert.equal((await stage.look(west)).slots.length, 0);
    assert.ok(isLevel(await stage.look(west))); // What it follows is not its own slot.
  },

  'a copy that is set aside makes room for a seed': async (stage) => {
    const { dataset, id, east, west, settle, link } = stage;
    await seedWest(stage);
    const generation = generationOf(1);
    await settle(west.engine.detach({ dataset, generation, timeoutMs: longMs }));
    assert.ok((await settle(west.engine.listDatasets())).includes(dataset));
    const name = await settle(west.engine.setAside({ dataset, generation }));
    assert.equal(await settle(west.engine.setAside({ dataset, generation })), name);
    const kept = await settle(west.engine.listSetAside());
    assert.ok(kept.some(({ database }) => database === name));
    const copies = await settle(west.engine.observe());
    assert.ok(copies.every((copy) => copy.dataset !== dataset));
    assert.ok(!(await settle(west.engine.listDatasets())).includes(dataset));
    await settle(west.engine.seed({ id, link: link(east.engine.store, west.engine.store, 1) }));
    await eventually(stage, () => stage.look(west), isLevel);
    await seesRow(stage, west, { row: 'first', value: 'of east' });
  },

  'followers that are refused come back when they are admitted (E10)': async (stage) => {
    const { dataset, east, west, settle } = stage;
    await seedWest(stage);
    await settle(east.engine.refuseFollowers(dataset));
    await settle(east.engine.refuseFollowers(dataset));
    assert.equal((await stage.look(east)).refusesFollowers, true);
    const isOff = (copy: CopyObservation) => copy.following?.isConnected === false;
    await eventually(stage, () => stage.look(west), isOff);
    await write(stage, east, { generation: 1, row: 'second', value: 'unseen' });
    assert.equal((await settle(west.rows(dataset))).has('second'), false);
    await settle(east.engine.admitFollowers(dataset));
    assert.equal((await stage.look(east)).refusesFollowers, undefined);
    await seesRow(stage, west, { row: 'second', value: 'unseen' });
  },

  'a store says who it is (E10)': async ({ east, settle }) => {
    const one = await settle(east.engine.identify());
    const again = await settle(east.engine.identify());
    assert.equal(one.store, east.engine.store);
    assert.equal(one.systemIdentifier, again.systemIdentifier);
    assert.equal(one.timeline, again.timeline);
    assert.ok(one.version >= 150_000);
    assert.deepEqual(again.start, one.start);
  },
};

async function plannedSwitch(stage: Stage): Promise<void> {
  const { dataset, id, east, west, settle, link } = stage;
  await seedWest(stage);
  await write(stage, east, { generation: 1, row: 'last', value: 'before the fence' });
  await switchToWest(stage);
  await assert.rejects(write(stage, east, { generation: 1, row: 'late', value: 'no' }));
  assert.equal((await settle(west.rows(dataset))).get('last'), 'before the fence');
  await write(stage, west, { generation: 2, row: 'next', value: 'of west' });

  const before = await stage.look(east);
  assert.deepEqual(before.handedOver, {
    generation: generationOf(1),
    run,
    attempt: 1,
    target: west.engine.store,
  });
  assert.equal((await stage.look(west)).marker?.run, run);
  await settle(east.engine.dropLinks(dataset, []));
  const back = link(west.engine.store, east.engine.store, 1);
  await settle(east.engine.follow({ id, link: back }));
  await settle(east.engine.follow({ id, link: back }));
  await seesRow(stage, east, { row: 'next', value: 'of west' });
  const after = await stage.look(east);
  assert.deepEqual(after.following?.link, back);
  assert.equal(after.following?.conflicts, 0);
  assert.deepEqual(await settle(east.rows(dataset)), await settle(west.rows(dataset)));
}

async function verifyNamesTheRow(stage: Stage): Promise<void> {
  const { dataset, id, east, west, settle } = stage;
  await seedWest(stage);
  const generation = generationOf(1);
  const record = {
    kind: 'active',
    dataset,
    id,
    generation,
    active: east.engine.store,
    since: generation,
  } as const;
  const order = { dataset, record, findingsMax: 10, timeoutMs: longMs };
  const level = await settle(west.engine.verify(order));
  assert.deepEqual(level.differences, []);
  assert.ok(level.rows > 0);
  assert.deepEqual((await stage.look(west)).verified?.differences, []);
  await settle(west.tamper({ dataset, row: 'first', value: 'flipped' }));
  const { differences } = await settle(west.engine.verify(order));
  assert.equal(differences.length, 1);
  assert.equal(differences[0]?.kind, 'different');
}

function refused(act: Promise<unknown>): Promise<void> {
  return assert.rejects(act, EngineRefusedError);
}
