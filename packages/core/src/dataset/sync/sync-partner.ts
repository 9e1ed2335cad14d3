import type { StoreName } from '../../ids.ts';
import type { Dataset } from '../../topology/topology.ts';

/**
 * The two stores of one site of which each is the other's synchronous copy: the best liked copy's
 * and the one that is named. Undefined where none is named.
 */
export function syncPair({
  copies,
}: Pick<Dataset, 'copies'>): readonly [StoreName, StoreName] | undefined {
  const [home] = copies.toSorted((left, right) => left.preference - right.preference);
  const named = copies.find(({ sync }) => sync === true);
  if (home === undefined || named === undefined || named.store === home.store) return undefined;
  return [home.store, named.store];
}

/** The store whose copy is synchronous while `active` is the active one; in another site none. */
export function syncPartner(
  dataset: Pick<Dataset, 'copies'>,
  active: StoreName,
): StoreName | undefined {
  const pair = syncPair(dataset);
  return pair?.includes(active) === true ? pair.find((store) => store !== active) : undefined;
}
