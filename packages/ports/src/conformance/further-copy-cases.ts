import assert from 'node:assert/strict';
import { asGeneration } from '@understudy/core';
import { EngineRefusedError, LineUnshownError } from '../dataset-engine.ts';
import {
  type ConformingStore,
  eventually,
  isLevel,
  longMs,
  mountOn,
  seedWest,
  seesRow,
  type Stage,
  write,
} from './engine-subject.ts';

// A further copy after a forced activation (A4): east is lost, west is forced active, and the
// third follows from the slot that west kept for it.

const one = asGeneration(1);

/** East mounted, west and the third level; west keeps a standing slot for the third. */
async function seedBoth(stage: Stage): Promise<void> {
  const { id, east, west, third, settle, link } = stage;
  await seedWest(stage);
  await settle(third.engine.seed({ id, link: link(east.engine.store, third.engine.store, 1) }));
  await eventually(stage, () => stage.look(third), isLevel);
  await settle(west.engine.prepareWayBack(further(stage), longMs));
  await writeSeen(stage, 'both', [west, third]);
}

const further = ({ west, third, link }: Stage) => link(west.engine.store, third.engine.store, 1);

/** A row of the old active copy that these have applied. */
async function writeSeen(stage: Stage, row: string, by: readonly ConformingStore[]) {
  await write(stage, stage.east, { generation: 1, row, value: 'of east' });
  for (const store of by) await seesRow(stage, store, { row, value: 'of east' });
}

/** West is forced with what it has, writes, and the third leaves east. */
async function forceWest(stage: Stage): Promise<void> {
  const { dataset, west, third, settle } = stage;
  const order = { dataset, generation: one, timeoutMs: longMs };
  await settle(west.engine.detach(order));
  await mountOn(stage, west, 2);
  await write(stage, west, { generation: 2, row: 'after', value: 'of west' });
  await settle(third.engine.detach(order));
}

function followBy({ id, third, settle, ...stage }: Stage): Promise<void> {
  const link = further({ id, third, settle, ...stage });
  return settle(third.engine.follow({ id, link, by: 'position' }));
}

export const furtherCopyCases = {
  'a copy that is behind a forced one follows it by position (A4)': async (stage: Stage) => {
    const { dataset, west, third, settle } = stage;
    await seedBoth(stage);
    await settle(third.engine.suspend(dataset));
    await writeSeen(stage, 'west-alone', [west]);
    await forceWest(stage);
    await followBy(stage);
    await seesRow(stage, third, { row: 'after', value: 'of west' });
    assert.deepEqual(await settle(third.rows(dataset)), await settle(west.rows(dataset)));
    const { following } = await stage.look(third);
    assert.deepEqual([following?.conflicts, following?.applyErrors], [0, 0]);
  },

  'a copy that is level with a forced one follows it by position (A4)': async (stage: Stage) => {
    const { dataset, west, third, settle } = stage;
    await seedBoth(stage);
    await forceWest(stage);
    await followBy(stage);
    await seesRow(stage, third, { row: 'after', value: 'of west' });
    assert.deepEqual(await settle(third.rows(dataset)), await settle(west.rows(dataset)));
  },

  'a copy that is ahead of a forced one does not follow it (A4)': async (stage: Stage) => {
    const { dataset, west, third, settle } = stage;
    await seedBoth(stage);
    await settle(west.engine.suspend(dataset));
    await writeSeen(stage, 'third-alone', [third]);
    await forceWest(stage);
    await assert.rejects(followBy(stage), (error: unknown) => {
      return error instanceof EngineRefusedError && !(error instanceof LineUnshownError);
    });
  },

  'a slot that begins too late shows nobody what it lacks (A4)': async (stage: Stage) => {
    const { dataset, west, third, settle } = stage;
    await seedBoth(stage);
    await settle(third.engine.suspend(dataset));
    await writeSeen(stage, 'west-alone', [west]);
    // A mount here has all flushed that was applied, and lets the slot move no more; so the slot
    // is made anew behind it.
    await settle(west.engine.dropLinks(dataset, []));
    await settle(west.engine.prepareWayBack(further(stage), longMs));
    await forceWest(stage);
    await assert.rejects(followBy(stage), LineUnshownError);
  },

  'a slot moves to a place that is named, and never back (E6)': async (stage: Stage) => {
    const { west, third, settle } = stage;
    await seedBoth(stage);
    const slotOf = async () => {
      const { slots, writtenLsn } = await stage.look(west);
      const slot = slots.find(({ link }) => link.to === third.engine.store);
      return { at: slot?.confirmedLsn, writtenLsn };
    };
    const first = await slotOf();
    await writeSeen(stage, 'more', [west]);
    await settle(west.engine.advanceWayBack(further(stage), first.writtenLsn));
    const second = await slotOf();
    await settle(west.engine.advanceWayBack(further(stage), first.at));
    assert.equal((await slotOf()).at, second.at);
  },
};
