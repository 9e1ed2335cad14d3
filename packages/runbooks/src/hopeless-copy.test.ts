import assert from 'node:assert/strict';
import { test } from 'node:test';
import { asStore, type CopyState } from '@understudy/core';
import { names } from '@understudy/core/testing';
import { beginRun, newestRow } from './testing/exercise.ts';
import { scenarios } from './testing/scenario.ts';

type Target = { readonly from?: string; readonly untilMs?: number; readonly isGone?: boolean };

/** Once it is planned, the target copy is failed, or gone, and well again after `untilMs`. */
async function moveTo({ from, untilMs = Infinity, isGone = false }: Target) {
  const planned = scenarios.find(({ name }) => name === 'pool-failover planned') ?? assert.fail();
  const world = await planned.world();
  const west = world.agentOf(names.westServer);
  const { clock } = world;
  const beganMs = clock.bootMs();
  const report = west.report.bind(west);
  west.report = async () => {
    const said = await report();
    const sinceMs = clock.bootMs() - beganMs;
    if (sinceMs >= untilMs) return said;
    if (isGone && sinceMs >= 500) {
      return {
        ...said,
        copies: [],
        stores: said.stores.map((each) => ({ ...each, datasets: [] })),
      };
    }
    const state: CopyState = sinceMs < 500 ? 'catchingUp' : 'failed';
    const copies = said.copies.map((copy) => {
      const { following } = copy;
      if (following === undefined || from === undefined) return { ...copy, state };
      const link = { ...following.link, from: asStore(from) };
      return { ...copy, state, following: { ...following, link } };
    });
    return { ...said, copies };
  };
  await beginRun({ scenario: { ...planned, world: async () => world } });
  return await newestRow(world);
}

test('nobody waits for a copy that is seeded anew only when no run holds it', async () => {
  const row = await moveTo({ from: 'spare-store' });
  assert.equal(row?.state, 'failed');
  assert.match(row.why, /on west-store is failed \(.*\): it is seeded anew once no run holds it/);
});

test('nobody waits for a copy that was set aside, and is seeded when no run holds it', async () => {
  const row = await moveTo({ isGone: true });
  assert.equal(row?.state, 'failed');
  assert.match(row.why, /on west-store is gone: it is seeded anew once no run holds it/);
});

test('a copy that failed for a moment, or cannot apply just now, is waited for', async () => {
  const moment = await moveTo({ from: 'spare-store', untilMs: 20_000 });
  assert.equal(moment?.state, 'succeeded', moment?.why);
  const applying = await moveTo({ untilMs: 60_000 });
  assert.equal(applying?.state, 'succeeded', applying?.why);
});
