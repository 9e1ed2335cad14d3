import assert from 'node:assert/strict';
import { EngineRefusedError } from '../dataset-engine.ts';
import {
  eventually,
  generationOf,
  longMs,
  mountEast,
  mountOn,
  run,
  seedWest,
  type Stage,
  write,
} from './engine-subject.ts';

// V7: what a synchronous copy is for, and what happens when it is lost.

const shortMs = 150;
const one = generationOf(1);

/** What any dataset engine does about a synchronous copy, by name. */
export const syncCases: Readonly<Record<string, (stage: Stage) => Promise<void>>> = {
  'an acknowledged write is on the synchronous copy in that moment (V7)': async (stage) => {
    const { dataset, west, settle } = stage;
    await seedWest(stage);
    assert.equal(await waitForWest(stage), true);
    assert.equal((await stage.look(stage.east)).gate.waitsFor, west.engine.store);
    for (let count = 0; count < 5; count += 1) {
      const row = `write-${count}`;
      await write(stage, stage.east, { generation: 1, row, value: 'acknowledged' });
      assert.equal((await settle(west.rows(dataset))).get(row), 'acknowledged');
    }
    await settle(west.crash());
    assert.equal((await settle(west.rows(dataset))).get('write-4'), 'acknowledged');
  },

  'a write that waits for a lost copy is ended and never acknowledged (V7)': async (stage) => {
    const { dataset, east, west, settle } = stage;
    await seedWest(stage);
    await waitForWest(stage);
    await settle(west.engine.suspend(dataset));
    const pending = await waitingWrite(stage, 'lost');
    await settle(east.engine.goOnWithoutCopy({ dataset, generation: one, timeoutMs: longMs }));
    assert.equal(await settle(pending.outcome), 'ended');
    assert.equal((await stage.look(east)).gate.waitsFor, undefined);
    await write(stage, east, { generation: 1, row: 'next', value: 'of east alone' });
    const rows = await settle(west.rows(dataset));
    assert.deepEqual([rows.has('lost'), rows.has('next')], [false, false]);
  },

  'a fence ends whoever waits for a synchronous copy (V7, E3)': async (stage) => {
    const { dataset, east, west, settle } = stage;
    await seedWest(stage);
    await waitForWest(stage);
    await settle(west.engine.suspend(dataset));
    const pending = await waitingWrite(stage, 'lost');
    const handOver = { run, attempt: 1, target: west.engine.store };
    const fence = { dataset, generation: one, drainMs: 20, timeoutMs: longMs, handOver };
    await settle(east.engine.fence(fence));
    assert.equal(await settle(pending.outcome), 'ended');
  },

  'a heartbeat waits for no copy (V7)': async (stage) => {
    const { dataset, east, west, settle } = stage;
    await seedWest(stage);
    await waitForWest(stage);
    await settle(west.engine.suspend(dataset));
    assert.equal(await settle(east.engine.beat({ dataset, generation: one })), true);
    await settle(east.engine.goOnWithoutCopy({ dataset, generation: one, timeoutMs: longMs }));
  },

  'a copy that confirms nothing is not waited for in vain (V7)': async (stage) => {
    const { dataset, east, west, settle } = stage;
    await seedWest(stage);
    await settle(west.engine.suspend(dataset));
    await write(stage, east, { generation: 1, row: 'before', value: 'of east alone' });
    assert.equal(await waitForWest(stage, shortMs), false);
    await settle(east.engine.goOnWithoutCopy({ dataset, generation: one, timeoutMs: longMs }));
    await settle(west.engine.resume(dataset));
    assert.equal(await waitForWest(stage), true);
    assert.equal((await settle(west.rows(dataset))).get('before'), 'of east alone');
  },

  'a mount waits for no copy until it is told to (V7)': async (stage) => {
    const { dataset, east, west, settle } = stage;
    await mountEast(stage);
    const link = stage.link(east.engine.store, west.engine.store, 1);
    const inVain = { link, generation: one, timeoutMs: 0 };
    assert.equal(await settle(east.engine.waitForCopy(inVain)), false);
    assert.equal((await stage.look(east)).gate.isOpen, true);
    await settle(east.engine.fence({ dataset, generation: one, drainMs: 0, timeoutMs: longMs }));
    await mountOn(stage, east, 2);
    assert.equal((await stage.look(east)).gate.waitsFor, undefined);
    const late = east.engine.waitForCopy({ link, generation: one, timeoutMs: 0 });
    await assert.rejects(settle(late), EngineRefusedError);
    await write(stage, east, { generation: 2, row: 'next', value: 'of east' });
  },
};

async function waitForWest(stage: Stage, timeoutMs = longMs): Promise<boolean> {
  const { dataset, east, west, settle } = stage;
  await settle(west.engine.flushApplied(dataset, true));
  const link = stage.link(east.engine.store, west.engine.store, 1);
  return await settle(east.engine.waitForCopy({ link, generation: one, timeoutMs }));
}

/** A write that stands on east, and that nobody is told of while west lacks it. */
async function waitingWrite(stage: Stage, row: string) {
  const { dataset, east, clock, settle } = stage;
  let isOver = false;
  const writing = east.write({ dataset, generation: one, row, value: 'of east alone' });
  const outcome = writing.then(
    () => 'acknowledged' as const,
    () => 'ended' as const,
  );
  void outcome.then(() => {
    isOver = true;
  });
  await eventually(
    stage,
    () => settle(east.waiting(dataset)),
    (count) => count === 1,
  );
  await settle(clock.sleep(shortMs));
  assert.equal(isOver, false, 'a write was acknowledged that the synchronous copy lacks');
  return { outcome };
}
