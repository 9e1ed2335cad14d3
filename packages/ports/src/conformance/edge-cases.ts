import assert from 'node:assert/strict';
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

// What a fake is easily looser about than PostgreSQL, and a simulation on it would then not see.

const shortMs = 150;
const one = generationOf(1);

/** What any dataset engine must refuse or keep at the edges, by name. */
export const edgeCases: Readonly<Record<string, (stage: Stage) => Promise<void>>> = {
  'a gate that ran out is not renewed, and can still be handed over (E1)': async (stage) => {
    const { dataset, east, west, clock, settle } = stage;
    const order = { dataset, generation: one, validForMs: shortMs };
    await settle(east.engine.create({ dataset, id: stage.id }));
    await settle(east.engine.mount({ ...order, holder: 'the suite' }));
    await settle(clock.sleep(2 * shortMs));
    assert.equal((await stage.look(east)).gate.isOpen, false);
    assert.equal(await settle(east.engine.renew({ ...order, validForMs: longMs })), undefined);
    const handOver = { run, attempt: 1, target: west.engine.store };
    const fence = { dataset, generation: one, drainMs: 0, timeoutMs: longMs, handOver };
    await settle(east.engine.fence(fence));
    assert.equal((await stage.look(east)).handedOver?.run, run);
  },

  'an attempt that was overtaken hands nothing over (E14)': async (stage) => {
    const { dataset, east, west, settle } = stage;
    await mountEast(stage);
    const fence = (attempt: number) => {
      const handOver = { run, attempt, target: west.engine.store };
      const order = { dataset, generation: one, drainMs: 0, timeoutMs: longMs, handOver };
      return settle(east.engine.fence(order));
    };
    const first = await fence(2);
    assert.deepEqual(await fence(2), first);
    await refused(fence(1));
    await fence(3);
    assert.equal((await stage.look(east)).marker?.attempt, 3);
  },

  'a copy with writes of its own is neither replaced nor made to follow (A3)': async (stage) => {
    const { dataset, id, east, west, settle, link } = stage;
    await seedWest(stage);
    await settle(west.engine.detach({ dataset, generation: one, timeoutMs: longMs }));
    await mountOn(stage, west, 2);
    await write(stage, east, { generation: 1, row: 'tail', value: 'of east alone' });
    await settle(east.engine.fence({ dataset, generation: one, drainMs: 0, timeoutMs: longMs }));
    const back = link(west.engine.store, east.engine.store, 1);
    await refused(settle(east.engine.follow({ id, link: back })));
    const fresh = link(west.engine.store, east.engine.store, 2);
    await refused(settle(east.engine.seed({ id, link: fresh })));
    await settle(east.engine.setAside({ dataset, generation: one }));
    await settle(east.engine.seed({ id, link: fresh }));
    await eventually(stage, () => stage.look(east), isLevel);
    assert.equal((await settle(east.rows(dataset))).has('tail'), false);
  },

  'the way back begins where the mount found it, and stays there (E6)': async (stage) => {
    const { dataset, id, east, west, settle, link } = stage;
    await seedWest(stage);
    await write(stage, east, { generation: 1, row: 'later', value: 'of east' });
    await seesRow(stage, west, { row: 'later', value: 'of east' });
    await settle(east.engine.fence(handingOver(stage)));
    const marker = { dataset, generation: one, run, attempt: 1 };
    await settle(west.engine.awaitMarker({ marker, timeoutMs: longMs }));
    await settle(west.engine.detach({ dataset, generation: one, timeoutMs: longMs }));
    await mountOn(stage, west, 2); // Without having advanced the slot.
    await settle(west.crash()); // It forgets how far a slot was advanced.
    await mountOn(stage, west, 3);
    const back = link(west.engine.store, east.engine.store, 1);
    await refused(settle(west.engine.advanceWayBack(back)));
    await write(stage, west, { generation: 3, row: 'next', value: 'of west' });
    await settle(east.engine.dropLinks(dataset, []));
    await settle(east.engine.follow({ id, link: back }));
    await seesRow(stage, east, { row: 'next', value: 'of west' });
    const { following } = await stage.look(east);
    assert.deepEqual([following?.conflicts, following?.applyErrors], [0, 0]);
  },

  'a standing slot is followed only after the mount that fixes its place (E6)': async (stage) => {
    const { dataset, id, east, west, settle, link } = stage;
    await seedWest(stage);
    await write(stage, east, { generation: 1, row: 'later', value: 'of east' });
    await settle(east.engine.fence(handingOver(stage)));
    const marker = { dataset, generation: one, run, attempt: 1 };
    await settle(west.engine.awaitMarker({ marker, timeoutMs: longMs }));
    await settle(west.engine.detach({ dataset, generation: one, timeoutMs: longMs }));
    await settle(east.engine.dropLinks(dataset, []));
    const back = link(west.engine.store, east.engine.store, 1);
    await refused(settle(east.engine.follow({ id, link: back })));
    await mountOn(stage, west, 2);
    await settle(east.engine.follow({ id, link: back }));
    await write(stage, west, { generation: 2, row: 'next', value: 'of west' });
    await seesRow(stage, east, { row: 'next', value: 'of west' });
    const { following } = await stage.look(east);
    assert.deepEqual([following?.conflicts, following?.applyErrors], [0, 0]);
  },

  'a slot that does not stand is neither moved nor followed (E2, E6)': async (stage) => {
    const { dataset, id, east, west, settle, link } = stage;
    await seedWest(stage);
    const other = link(west.engine.store, east.engine.store, 7);
    await refused(settle(west.engine.advanceWayBack(other)));
    const foreign = link(east.engine.store, west.engine.store, 1);
    await refused(settle(west.engine.prepareWayBack(foreign, longMs)));
    await switchToWest(stage);
    await refused(settle(east.engine.follow({ id, link: other })));
    await refused(settle(east.engine.suspend(dataset)));
    await refused(settle(east.engine.resume(dataset)));
  },

  'half a copy is not mounted, nor made to follow': async (stage) => {
    const { dataset, id, east, west, settle, link } = stage;
    await mountEast(stage);
    const there = link(east.engine.store, west.engine.store, 1);
    await settle(west.engine.seed({ id, link: there }));
    await settle(west.engine.detach({ dataset, generation: one, timeoutMs: longMs }));
    if ((await settle(west.rows(dataset))).has('first')) return; // It was quicker than we.
    // Who judges by this look must not order what is refused here, again and again.
    assert.equal((await stage.look(west)).isWhole, false);
    await refused(settle(west.engine.follow({ id, link: there })));
    await refused(mountOn(stage, west, 2));
    await settle(west.engine.seed({ id, link: there }));
    await seesRow(stage, west, { row: 'first', value: 'of east' });
    await eventually(
      stage,
      () => stage.look(west),
      (seen) => seen.isWhole,
    );
    await settle(west.engine.detach({ dataset, generation: one, timeoutMs: longMs }));
    assert.equal((await stage.look(west)).isWhole, true);
  },

  'a suspended copy is detached before it is mounted (A1)': async (stage) => {
    const { dataset, id, east, west, settle, link } = stage;
    await seedWest(stage);
    await switchToWest(stage);
    const back = link(west.engine.store, east.engine.store, 1);
    await settle(east.engine.dropLinks(dataset, []));
    await settle(east.engine.follow({ id, link: back }));
    await settle(east.engine.suspend(dataset));
    await refused(mountOn(stage, east, 3));
    await settle(east.engine.follow({ id, link: back })); // Enables it again.
    await write(stage, west, { generation: 2, row: 'next', value: 'of west' });
    await seesRow(stage, east, { row: 'next', value: 'of west' });
    await settle(east.engine.suspend(dataset));
    const detaching = { dataset, generation: generationOf(2), timeoutMs: longMs };
    assert.equal((await settle(east.engine.detach(detaching)))?.from, west.engine.store);
    await mountOn(stage, east, 3);
  },

  'what is set aside twice is kept twice (A3)': async (stage) => {
    const { dataset, id, east, west, settle, link } = stage;
    await mountEast(stage);
    const keep = async () => {
      await settle(west.engine.seed({ id, link: link(east.engine.store, west.engine.store, 1) }));
      await eventually(stage, () => stage.look(west), isLevel);
      return await settle(west.engine.setAside({ dataset, generation: one }));
    };
    const [first, second] = [await keep(), await keep()];
    const listed = await settle(west.engine.listSetAside());
    const kept = new Set(listed.map(({ database }) => database));
    assert.notEqual(first, second);
    assert.ok(kept.has(first) && kept.has(second));
  },

  'only a copy that follows is verified, and against a mounted one (E11)': async (stage) => {
    const { dataset, id, east, west, settle } = stage;
    await seedWest(stage);
    const record = { kind: 'active', dataset, id, generation: one, since: one } as const;
    const bounds = { dataset, findingsMax: 10, timeoutMs: 5_000 };
    const active = east.engine.store;
    const order = { ...bounds, record: { ...record, active } };
    await refused(settle(east.engine.verify(order)));
    const older = { ...order, record: { ...order.record, generation: generationOf(2) } };
    await refused(settle(west.engine.verify(older)));
    await settle(west.engine.suspend(dataset));
    await refused(settle(west.engine.verify(order)));
  },
};

function handingOver({ dataset, west }: Stage) {
  const handOver = { run, attempt: 1, target: west.engine.store };
  return { dataset, generation: one, drainMs: 100, timeoutMs: longMs, handOver };
}

function refused(act: Promise<unknown>): Promise<void> {
  return assert.rejects(act, EngineRefusedError);
}
