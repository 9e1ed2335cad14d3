import assert from 'node:assert/strict';
import { after, before, test, type TestContext } from 'node:test';
import { type DatasetName, type Link, type Lsn, nextWayBackMarks } from '@understudy/core';
import { cutOff } from '../testing/cut-off.ts';
import {
  type ADataset,
  aFollowedDataset,
  eventually,
  isLevel,
  look,
  mountOn,
  seesUser,
  userNames,
} from '../testing/a-dataset.ts';
import { openRole } from '../testing/open-session.ts';
import { aUser, writeUser } from '../testing/role-writes.ts';
import {
  generation,
  type Side,
  startThreeStores,
  type ThreeStores,
} from '../testing/two-stores.ts';
import { followLink } from './follow-link.ts';

// A further copy after a forced activation (A4), on three PostgreSQL: east is lost, west is forced
// active, and the third goes on from the slot that west kept for it, if that shows what it lacks.

let three: ThreeStores;
before(async () => {
  three = await startThreeStores();
});
after(() => three[Symbol.asyncDispose]());

type Staged = ADataset & { readonly further: Link };

/** East mounted, west and the third level with it; west keeps a standing slot for the third. */
async function staged(): Promise<Staged> {
  const { east, west, third } = three;
  const data = await aFollowedDataset(three);
  const since = generation(1);
  const { dataset, id } = data;
  const there = { dataset, from: east.store, to: third.store, since };
  await third.engine.seed({ id, link: there });
  await eventually(() => look(third, dataset), isLevel);
  const further = { dataset, from: west.store, to: third.store, since };
  await west.engine.prepareWayBack(further, 5_000);
  return { ...data, further };
}

async function writeOn(t: TestContext, side: Side, dataset: DatasetName, names: readonly string[]) {
  const number = side === three.east ? 1 : 2;
  const role = await openRole(t, side, dataset);
  for (const name of names) await writeUser(role, aUser(name, number));
}

/** It applies nothing from here on, as behind a slow line; what comes stays with its source. */
const holdBack = ({ engine }: Side, dataset: DatasetName) => engine.suspend(dataset);

/** East is lost, west is mounted under 2 with what it has, and the third leaves east. */
async function forceWest({ dataset }: Staged) {
  const { west, third } = three;
  const order = { dataset, generation: generation(1), timeoutMs: 5_000 };
  await west.engine.detach(order);
  await mountOn(west, dataset, 2);
  await third.engine.detach(order);
}

const oneEach = { both: ['both'], alone: ['west-alone'] };

/** All have `both`, west alone has `alone`, and has been forced active with it. */
async function stagedBehind(t: TestContext, { both, alone }: Record<'both' | 'alone', string[]>) {
  const { east, west, third } = three;
  const data = await staged();
  const { dataset, database } = data;
  await writeOn(t, east, dataset, both);
  await seesUser(third, database, both.at(-1) ?? '');
  await holdBack(third, dataset);
  await writeOn(t, east, dataset, alone);
  await seesUser(west, database, alone.at(-1) ?? '');
  await forceWest(data);
  return data;
}

async function equals(one: Side, other: Side, database: string) {
  const wanted = [...(await userNames(one, database))].toSorted();
  const seen = await eventually(
    async () => [...(await userNames(other, database))].toSorted(),
    (names) => names.length >= wanted.length,
  );
  assert.deepEqual(seen, wanted);
}

async function hasNoConflict(side: Side, dataset: DatasetName) {
  const { following } = await look(side, dataset);
  assert.deepEqual([following?.conflicts, following?.applyErrors], [0, 0]);
}

test('A4: a copy that is behind goes on by position, and nothing is lost or doubled', async (t) => {
  const { west, third } = three;
  const both = ['both-1', 'both-2', 'both-3'];
  const alone = ['west-alone-1', 'west-alone-2'];
  const { dataset, database, id, further } = await stagedBehind(t, { both, alone });
  await writeOn(t, west, dataset, ['after']);
  await third.engine.follow({ id, link: further, by: 'position' });
  await seesUser(third, database, 'after');
  await equals(west, third, database);
  await hasNoConflict(third, dataset);
});

test('A4 taken out: from where the mount fixed the slot rows are missing for ever', async (t) => {
  const { west, third } = three;
  const { dataset, database, id, further } = await stagedBehind(t, oneEach);
  await third.engine.follow({ id, link: further });
  await writeOn(t, west, dataset, ['after']);
  const names = await seesUser(third, database, 'after');
  assert.equal(names.has('west-alone'), false);
});

test('A4: a store that crashed while it took over still shows what the other lacks', async (t) => {
  const { west, third } = three;
  const { dataset, database, id, further } = await stagedBehind(t, oneEach);
  await west.crash();
  await third.crash();
  await mountOn(west, dataset, 3);
  await third.engine.follow({ id, link: further, by: 'position' });
  await seesUser(third, database, 'west-alone');
  await hasNoConflict(third, dataset);
});

for (const statements of [1, 2, 3]) {
  test(`A4: a follow by position cut off after ${statements} steps goes on`, async (t) => {
    const { east, west, third } = three;
    const { dataset, database, id, further } = await stagedBehind(t, oneEach);
    const order = { id, link: further, by: 'position' } as const;
    const cut = cutOff(third, { statements, sources: [east, west] });
    await assert.rejects(followLink(cut, order), /the agent dies/);
    const { following } = await look(third, dataset);
    if (following === undefined) await third.engine.follow(order);
    else if (!following.isEnabled) await third.engine.resume(dataset);
    await seesUser(third, database, 'west-alone');
    await hasNoConflict(third, dataset);
  });
}

test('A4: what a further copy had more of the lost one is salvaged before its seed', async (t) => {
  const { east, west, third } = three;
  const data = await staged();
  const { dataset, database, id } = data;
  await writeOn(t, east, dataset, ['both']);
  await seesUser(west, database, 'both');
  await holdBack(west, dataset);
  await writeOn(t, east, dataset, ['third-alone']);
  await seesUser(third, database, 'third-alone');
  await forceWest(data);
  const follow = third.engine.follow({ id, link: data.further, by: 'position' });
  await assert.rejects(follow, /has more of east-store than west-store had/);
  const aside = await third.engine.setAside({ dataset, generation: generation(1) });
  const since = generation(2);
  await third.engine.seed({ id, link: { ...data.further, since } });
  await eventually(() => look(third, dataset), isLevel);
  const from = { store: third.store, database: aside };
  const bounds = { dataset, generation: since, from, withinMs: 20_000 };
  const { way, isComplete, counts } = await west.engine.salvage(bounds);
  assert.deepEqual([way, isComplete], ['tables', true]);
  const { entries } = await west.engine.readLedger(dataset, {});
  const accounted = entries.some(({ theirs }) => theirs?.['name'] === 'third-alone');
  const isMerged = (await userNames(west, database)).has('third-alone');
  assert.ok(isMerged || accounted, JSON.stringify({ counts, entries }));
});

test('E6: the slot for a further copy moves, and stays behind what that has', async (t) => {
  const { east, west, third } = three;
  const data = await staged();
  const { dataset, database, id, further } = data;
  let marks: ReturnType<typeof nextWayBackMarks> | undefined;
  const moved: Lsn[] = [];
  /** A cycle of west's agent: it looks, hears of the third, and moves the slot. */
  async function cycle() {
    const [own, other] = [await look(west, dataset), await look(third, dataset)];
    const at = (lsn: Lsn | undefined) => lsn && { generation: generation(1), lsn };
    marks = nextWayBackMarks(marks, {
      writtenLsn: own.writtenLsn,
      applied: at(own.following?.appliedLsn),
      follower: at(other.following?.appliedLsn),
    });
    if (marks.advanceTo === undefined) return;
    moved.push(marks.advanceTo);
    await west.engine.advanceWayBack(further, marks.advanceTo);
  }
  for (let count = 1; count <= 5; count += 1) {
    await writeOn(t, east, dataset, [`both-${count}`]);
    await Promise.all([west, third].map((side) => seesUser(side, database, `both-${count}`)));
    await cycle();
  }
  assert.ok(moved.length >= 2, 'the slot keeps everything');
  await holdBack(third, dataset);
  for (let count = 1; count <= 3; count += 1) {
    await writeOn(t, east, dataset, [`west-alone-${count}`]);
    await seesUser(west, database, `west-alone-${count}`);
    await cycle();
  }
  await forceWest(data);
  await third.engine.follow({ id, link: further, by: 'position' });
  await seesUser(third, database, 'west-alone-3');
  await equals(west, third, database);
  await hasNoConflict(third, dataset);
});
