import type { DatasetName, Link } from '@understudy/core';
import { EngineRefusedError, StoreDownError } from '../dataset-engine.ts';
import type { FakeCopy } from './fake-copy.ts';
import type { FakeStore } from './fake-store.ts';

/** What every act of a fake engine works with. */
export type FakeParts = {
  readonly on: FakeStore;
  readonly others: () => Iterable<FakeStore>;
  /** The newest level of a copy's schema that this engine knows. */
  readonly newest: () => number;
};

/** Between two looks of an act that waits, in milliseconds. */
export const pollMs = 2;

/** The copy of `dataset` on this store; refuses when there is none. */
export async function requireCopy({ on }: FakeParts, dataset: DatasetName): Promise<FakeCopy> {
  await on.reach();
  const copy = on.copies.get(dataset);
  if (!copy) throw new EngineRefusedError(`there is no copy of ${dataset} on ${on.name}`);
  return copy;
}

/** The store that `link` comes from, and the copy there. */
export function sourceOf(
  { on }: FakeParts,
  link: Pick<Link, 'dataset' | 'from'>,
): { readonly source: FakeStore; readonly theirs: FakeCopy } {
  const source = on.world.storeNamed(link.from);
  if (!source?.isUp || !on.world.canReach(on.name, link.from)) {
    throw new StoreDownError(`store ${link.from} does not answer`);
  }
  const theirs = source.copies.get(link.dataset);
  if (!theirs) throw new EngineRefusedError(`${link.from} has no copy of ${link.dataset}`);
  if (theirs.refusesFollowers) throw new EngineRefusedError(`${link.from} refuses followers`);
  return { source, theirs };
}

/** Commits a change of this store's own and tells who follows. */
export function commitHere(
  { on, others }: FakeParts,
  copy: FakeCopy,
  change: Parameters<FakeCopy['commit']>[1],
): void {
  copy.commit(on.nextLsn(), change);
  on.announce(copy, others());
}
