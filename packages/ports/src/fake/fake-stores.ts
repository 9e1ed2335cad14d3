import type { StoreName } from '@understudy/core';
import { FakeStore, type FakeStoreWorld } from './fake-store.ts';

type Stores<Names extends readonly StoreName[]> = { readonly [Index in keyof Names]: FakeStore };

/** Stores that all reach each other, without faults; by default they answer at once. */
export function fakeStores<const Names extends readonly StoreName[]>(
  clock: FakeStoreWorld['clock'],
  names: Names,
  { latencyMs = 0, applyMs = 1 }: { readonly latencyMs?: number; readonly applyMs?: number } = {},
): Stores<Names> {
  const stores = new Map<StoreName, FakeStore>();
  const world: FakeStoreWorld = {
    clock,
    faults: new Set(),
    storeNamed: (name) => stores.get(name),
    canReach: () => true,
    latencyMs: () => latencyMs,
    applyMs: () => applyMs,
  };
  for (const name of names) stores.set(name, new FakeStore(name, world));
  return [...stores.values()] as unknown as Stores<Names>;
}
