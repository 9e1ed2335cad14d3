import assert from 'node:assert/strict';
import type { LedgerPage, Salvage } from '@understudy/core';
import { EngineRefusedError } from '../dataset-engine.ts';
import {
  eventually,
  generationOf,
  isLevel,
  longMs,
  mountOn,
  seedWest,
  seesRow,
  type Stage,
  write,
} from './engine-subject.ts';

// A1 to A3: what a lost side holds alone is merged into the survivor or listed, once.

/** What any dataset engine does with a database that was set aside, by name. */
export const salvageCases: Readonly<Record<string, (stage: Stage) => Promise<void>>> = {
  'what the survivor lacks is merged into it, once (A1, A2)': async (stage) => {
    const { west, settle, dataset } = stage;
    const database = await diverge(stage, async () => {
      await write(stage, stage.east, { generation: 1, row: 'late', value: 'of east' });
      await write(stage, stage.east, { generation: 1, row: 'first', value: 'changed late' });
    });
    const done = await salvageEast(stage, database);
    assert.equal(done.way, 'tail');
    assert.equal(done.isComplete, true);
    assert.deepEqual([done.counts.merged, done.counts.conflict, done.counts.open], [2, 0, 0]);
    const rows = await settle(west.rows(dataset));
    assert.deepEqual([rows.get('late'), rows.get('first')], ['of east', 'changed late']);
    await write(stage, west, { generation: 2, row: 'late', value: 'of west since' });
    assert.deepEqual(await salvageEast(stage, database), done); // Repeated after a lost answer.
    assert.equal((await settle(west.rows(dataset))).get('late'), 'of west since');
  },

  'what the active side has changed since stays, and the other is listed': async (stage) => {
    const { west, settle, dataset } = stage;
    const database = await diverge(stage, async () => {
      await write(stage, stage.east, { generation: 1, row: 'first', value: 'late in east' });
      await write(stage, stage.east, { generation: 1, row: 'new', value: 'late in east' });
    });
    await write(stage, west, { generation: 2, row: 'first', value: 'of west' });
    await write(stage, west, { generation: 2, row: 'new', value: 'of west' });
    const { counts } = await salvageEast(stage, database);
    assert.deepEqual([counts.merged, counts.conflict, counts.open], [0, 2, 2]);
    const rows = await settle(west.rows(dataset));
    assert.deepEqual([rows.get('first'), rows.get('new')], ['of west', 'of west']);
    assert.equal((await stage.look(west)).openConflicts, 2);
    const open = await readOpen(stage);
    assert.ok(open.entries.every(({ theirs, generation }) => theirs && generation === 1));
    const ids = open.entries.map(({ id }) => id);
    const how = { dataset, ids, by: 'ada', why: 'west is right' };
    const noted = west.engine.resolveLedger({ ...how, generation: generationOf(2) });
    assert.equal(await settle(noted), 2);
    assert.deepEqual((await readOpen(stage)).entries, []);
    assert.equal((await stage.look(west)).openConflicts, undefined);
    const [one] = (await settle(west.engine.readLedger(dataset, { id: ids[0]! }))).entries;
    assert.equal(one?.resolved?.by, 'ada');
  },

  'a row that salvage wrote itself is no change of the active side': async (stage) => {
    const { west, settle, dataset } = stage;
    const database = await diverge(stage, async () => {
      await write(stage, stage.east, { generation: 1, row: 'first', value: 'late' });
      await write(stage, stage.east, { generation: 1, row: 'first', value: 'later' });
    });
    const { counts } = await salvageEast(stage, database);
    assert.deepEqual([counts.merged, counts.conflict], [2, 0]);
    assert.equal((await settle(west.rows(dataset))).get('first'), 'later');
  },

  'without a slot whole tables are compared, and the ledger says so (A3)': async (stage) => {
    const { east, west, settle, dataset } = stage;
    const database = await diverge(stage, async () => {
      await write(stage, east, { generation: 1, row: 'late', value: 'of east' });
      await settle(west.engine.detach({ dataset, generation: generationOf(1), timeoutMs: longMs }));
      await settle(east.engine.dropLinks(dataset, []));
    });
    const done = await salvageEast(stage, database);
    assert.equal(done.way, 'tables');
    assert.match(done.why, /slot is gone/);
    assert.deepEqual([done.counts.merged, done.counts.conflict], [0, 1]);
    const [entry] = (await readOpen(stage)).entries;
    assert.equal(entry?.commitLsn, '0/0');
    assert.deepEqual(await salvageEast(stage, database), done);
  },

  'salvage goes through the gate of the mount': async (stage) => {
    const database = await diverge(stage, async () => {
      await write(stage, stage.east, { generation: 1, row: 'late', value: 'of east' });
    });
    await refused(salvageEast(stage, database, 1));
    assert.equal((await stage.settle(stage.west.rows(stage.dataset))).has('late'), false);
  },

  'what is set aside goes when its ledger is on the same store, not before (A3)': async (stage) => {
    const { dataset, id, east, west, settle, link } = stage;
    const database = await diverge(stage, async () => {
      await write(stage, east, { generation: 1, row: 'late', value: 'of east' });
    });
    await refused(settle(east.engine.dropSetAside({ dataset, database })));
    await settle(east.engine.seed({ id, link: link(west.engine.store, east.engine.store, 2) }));
    await eventually(stage, () => stage.look(east), isLevel);
    await refused(settle(east.engine.dropSetAside({ dataset, database })));
    await salvageEast(stage, database);
    await seesRow(stage, east, { row: 'late', value: 'of east' });
    await eventually(
      stage,
      () => settle(east.engine.readLedger(dataset, {})),
      ({ salvages }) => salvages[0]?.isComplete === true,
    );
    await settle(east.engine.dropSetAside({ dataset, database }));
    await settle(east.engine.dropSetAside({ dataset, database }));
    const kept = await settle(east.engine.listSetAside());
    assert.ok(kept.every((each) => each.database !== database));
    assert.equal((await settle(east.engine.readLedger(dataset, {}))).entries.length, 1);
  },

  'a copy that nobody ever wrote to holds nothing to salvage': async (stage) => {
    const { dataset, east, west, settle } = stage;
    await seedWest(stage);
    const database = await settle(west.engine.setAside({ dataset, generation: generationOf(1) }));
    const from = { store: west.engine.store, database };
    const order = { dataset, generation: generationOf(1), from, withinMs: longMs };
    const done = await settle(east.engine.salvage(order));
    assert.deepEqual([done.way, done.isComplete], ['nothing', true]);
  },
};

/** West takes over without what `late` writes in the east, which is set aside under this name. */
async function diverge(stage: Stage, late: () => Promise<void>): Promise<string> {
  const { dataset, east, west, settle } = stage;
  await seedWest(stage);
  await write(stage, east, { generation: 1, row: 'second', value: 'seen by both' });
  await seesRow(stage, west, { row: 'second', value: 'seen by both' });
  await settle(west.engine.suspend(dataset));
  await late();
  const generation = generationOf(1);
  await settle(west.engine.detach({ dataset, generation, timeoutMs: longMs }));
  await mountOn(stage, west, 2);
  await settle(east.engine.fence({ dataset, generation, drainMs: 100, timeoutMs: longMs }));
  return await settle(east.engine.setAside({ dataset, generation }));
}

function salvageEast(stage: Stage, database: string, generation = 2): Promise<Salvage> {
  const { dataset, east, west, settle } = stage;
  const from = { store: east.engine.store, database };
  const order = { dataset, generation: generationOf(generation), from, withinMs: longMs };
  return settle(west.engine.salvage(order));
}

function readOpen({ dataset, west, settle }: Stage): Promise<LedgerPage> {
  return settle(west.engine.readLedger(dataset, { isOpenOnly: true }));
}

function refused(act: Promise<unknown>): Promise<void> {
  return assert.rejects(act, EngineRefusedError);
}
