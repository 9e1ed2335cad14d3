import assert from 'node:assert/strict';
import { test } from 'node:test';
import { asGeneration, asStore, type SlotObservation } from '@understudy/core';
import { aCopy, names } from '@understudy/core/testing';
import type { OwnStore } from '../agent-parts.ts';
import { letFollowersGo } from './let-followers-go.ts';

const third = asStore('east-spare');

function slotTo(to: typeof third, isActive: boolean): SlotObservation {
  const link = { dataset: names.usersEast, from: names.eastStore, to, since: asGeneration(1) };
  return { link, isActive, isLost: false, lagBytes: 0 };
}

async function asked(slots: readonly SlotObservation[]) {
  const dropped: unknown[] = [];
  const dropLinks = async (_: unknown, keep: unknown) => void dropped.push(keep);
  const own = { engine: { dropLinks } } as unknown as OwnStore;
  const copy = aCopy({ store: names.eastStore, slots });
  return { waiting: await letFollowersGo({ own, copy }, names.westStore), dropped };
}

test('E2: a copy does not begin to follow while a third one still follows it', async () => {
  const { waiting, dropped } = await asked([slotTo(third, true), slotTo(names.westStore, false)]);
  assert.match(waiting ?? '', /waits until east-spare has left it for west-store/);
  assert.deepEqual(dropped, []);
});

test('E2: slots that nobody reads are gone before it follows', async () => {
  const { waiting, dropped } = await asked([slotTo(third, false), slotTo(names.westStore, true)]);
  assert.equal(waiting, undefined);
  assert.deepEqual(dropped, [[]]);
});
