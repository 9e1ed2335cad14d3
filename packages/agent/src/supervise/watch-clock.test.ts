import assert from 'node:assert/strict';
import { test } from 'node:test';
import { names } from '@understudy/core/testing';
import type { FakeEngine } from '@understudy/ports/fake';
import { oneServer } from '../testing/one-server.ts';

type Set = { byMs: number; isUnfenceable?: boolean; isLost?: boolean; readByMs?: number };

/** The engine of a store whose clock is a wall clock, which somebody sets. */
function withWallClock(set: Set) {
  return (engine: FakeEngine): FakeEngine => {
    if (engine.store !== names.eastStore) return engine;
    const [mount, renew] = [engine.mount.bind(engine), engine.renew.bind(engine)];
    const [read, fence] = [engine.readGateClock.bind(engine), engine.fence.bind(engine)];
    const inItsTime = <Order extends { readonly fromMs?: number }>(order: Order): Order =>
      order.fromMs === undefined ? order : { ...order, fromMs: order.fromMs - set.byMs };
    return Object.assign(engine, {
      readGateClock: async (of: Parameters<typeof read>[0]) =>
        (await read(of)) + (set.readByMs ?? set.byMs),
      mount: (order: Parameters<typeof mount>[0]) => mount(inItsTime(order)),
      renew: async (order: Parameters<typeof renew>[0]) => {
        if (set.isLost) return undefined;
        const opened = await renew(inItsTime(order));
        return opened && { ...opened, clockMs: opened.clockMs + set.byMs };
      },
      fence: async (order: Parameters<typeof fence>[0]) => {
        if (set.isUnfenceable) throw new Error('the store does not answer');
        return await fence(order);
      },
    });
  };
}

test('V3: a store whose clock was set back is dismounted, and mounted again above', async () => {
  const set = { byMs: 0 };
  const { agent, clock, eastStore, sentences, picture } = await oneServer({
    around: withWallClock(set),
  });
  const gate = () => eastStore.copies.get(names.usersEast)?.gate;
  const before = gate()?.generation ?? 0;
  set.byMs = -30_000;
  await clock.finish(agent.renew());
  assert.equal(gate()?.validUntilMs, 0, 'the gate is shut');
  assert.ok(
    picture()?.mounts.every(({ dataset }) => dataset !== names.usersEast),
    'roles stop',
  );
  assert.ok(
    picture()?.mounts.some(({ dataset }) => dataset === names.usersWest),
    'the other store goes on',
  );
  assert.ok(sentences.some((sentence) => /users-east is dismounted .* set back by/.test(sentence)));
  for (let round = 0; round < 4; round += 1) {
    await clock.finish(agent.cycle());
    await clock.finish(agent.renew());
    await clock.advance(500);
  }
  assert.ok((gate()?.generation ?? 0) > before, 'under a new generation (E1)');
  assert.ok((gate()?.validUntilMs ?? 0) > clock.bootMs(), 'and it stays open');
});

test('V3: a gate that could not be shut is not renewed, and shut when it can be', async () => {
  const set = { byMs: 0, isUnfenceable: false };
  const { agent, clock, eastStore } = await oneServer({ around: withWallClock(set) });
  const gate = () => eastStore.copies.get(names.usersEast)?.gate;
  const before = gate()?.generation ?? 0;
  Object.assign(set, { byMs: -30_000, isUnfenceable: true });
  await clock.finish(agent.renew());
  await clock.finish(agent.cycle());
  Object.assign(set, { isUnfenceable: false });
  for (let round = 0; round < 6; round += 1) {
    await clock.finish(agent.renew());
    await clock.finish(agent.cycle());
    await clock.advance(500);
  }
  assert.ok((gate()?.generation ?? 0) > before, 'the old generation is over');
});

test('V3: a clock that was set ahead is said and shuts nothing by itself', async () => {
  const set = { byMs: 0 };
  const server = await oneServer({ around: withWallClock(set) });
  const { agent, clock, eastStore, sentences } = server;
  const before = eastStore.copies.get(names.usersEast)?.gate?.generation;
  set.byMs = 30_000;
  await clock.finish(agent.renew());
  assert.ok(sentences.some((sentence) => /clock of east-store was set ahead/.test(sentence)));
  assert.equal(eastStore.copies.get(names.usersEast)?.gate?.generation, before);
});

test('V3: what was set ahead before a mount and back after it is seen', async () => {
  const set: Set = { byMs: 0 };
  const { agent, clock, eastStore, sentences } = await oneServer({ around: withWallClock(set) });
  await clock.finish(agent.renew());
  // It mounts again while the clock is ahead.
  Object.assign(set, { byMs: 30_000, isLost: true });
  await clock.finish(agent.renew());
  const before = eastStore.copies.get(names.usersEast)?.gate?.generation ?? 0;
  await clock.advance(30_000); // Its gate shuts.
  await clock.finish(agent.cycle());
  assert.ok((eastStore.copies.get(names.usersEast)?.gate?.generation ?? 0) > before);
  assert.ok(sentences.some((sentence) => /clock of east-store was set ahead/.test(sentence)));
  Object.assign(set, { byMs: 0, isLost: false });
  await clock.finish(agent.renew());
  assert.ok(sentences.some((sentence) => /users-east is dismounted .* set back by/.test(sentence)));
  assert.equal(eastStore.copies.get(names.usersEast)?.gate?.validUntilMs, 0);
});

test('V3: what was set ahead before a renewal and back within it is seen', async () => {
  const set: Set = { byMs: 0 };
  const { agent, clock, eastStore, sentences } = await oneServer({ around: withWallClock(set) });
  await clock.finish(agent.renew());
  set.readByMs = 30_000;
  await clock.finish(agent.renew());
  assert.ok(sentences.some((sentence) => /users-east is dismounted .* set back by/.test(sentence)));
  assert.equal(eastStore.copies.get(names.usersEast)?.gate?.validUntilMs, 0);
});

test('V3: what was set back is seen although nobody answers about the right', async () => {
  const set: Set = { byMs: 0 };
  const { agent, clock, eastStore, right, sentences } = await oneServer({
    around: withWallClock(set),
  });
  right.validForMs = () => clock.sleep(60_000).then(() => undefined);
  set.byMs = -30_000;
  await clock.finish(agent.renew());
  assert.ok(sentences.some((sentence) => /users-east is dismounted .* set back by/.test(sentence)));
  assert.equal(eastStore.copies.get(names.usersEast)?.gate?.validUntilMs, 0);
});

test('V3: a gate that ran out opens no more, whatever its clock says then', async () => {
  const { agent, clock, eastStore, right } = await oneServer();
  const gate = () => eastStore.copies.get(names.usersEast)?.gate;
  const before = gate()?.generation;
  // Nobody grants anything: neither is it renewed nor mounted again.
  right.validForMs = () => clock.sleep(60_000).then(() => undefined);
  const refused = { isTaken: false, isOver: false, why: 'nobody answers' } as const;
  right.take = () => clock.sleep(60_000).then(() => refused);
  await clock.advance((gate()?.validUntilMs ?? 0) - clock.bootMs());
  await clock.finish(agent.cycle());
  assert.deepEqual([gate()?.generation, gate()?.validUntilMs], [before, 0]);
});

test('V3: an agent that has just started shuts a gate that stands open too long', async () => {
  const { agent, clock, eastStore, sentences, restart } = await oneServer();
  const copy = eastStore.copies.get(names.usersEast);
  assert.ok(copy?.gate);
  const before = copy.gate.generation;
  await clock.finish(agent.renew());
  // While no agent watched, the clock was set back: the gate's end lies that much further ahead.
  copy.gate.validUntilMs += 30_000;
  const next = restart();
  await clock.finish(next.cycle());
  assert.ok(sentences.some((sentence) => /stands open 30000 ms too long/.test(sentence)));
  await clock.finish(next.cycle());
  assert.ok((copy.gate?.generation ?? 0) > before);
});
