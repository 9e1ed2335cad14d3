import type { FakeCopy } from '@understudy/ports/fake';
import type { SimDeployment } from '../sim-deployment.ts';

/**
 * A copy that follows, looks level, and does not hold what the active one held where it has come
 * to: what becomes of a follower whose source, or which itself, went back in time unseen.
 */
export function findDifference({ sites, dataset, activeCopy }: SimDeployment): string | undefined {
  const active = activeCopy();
  for (const { store } of active === undefined ? [] : sites) {
    const copy = store.copies.get(dataset);
    const following = copy?.subscription;
    if (active === undefined || copy === undefined || following === undefined) continue;
    const count = countDifferent(active.rowsAt(following.applied), copy.rows);
    if (count > 0) return `the copy on ${store.name} differs from the active one in ${count} rows`;
  }
  return undefined;
}

type Rows = FakeCopy['rows'];

function countDifferent(here: Rows, there: Rows): number {
  const keys = new Set([...here.keys(), ...there.keys()]);
  return [...keys].filter((key) => here.get(key) !== there.get(key)).length;
}
