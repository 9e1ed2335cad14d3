import { syncPair } from '../dataset/sync/sync-partner.ts';
import type { StoreName } from '../ids.ts';
import { serverOfStore } from './server-of-store.ts';
import type { Dataset, Topology } from './topology.ts';
import type { TopologyFinding } from './topology-finding.ts';

/** Synchronous copies (V7): where they may be, and that no other dataset waits for them. */
export function checkSync(topology: Topology): readonly TopologyFinding[] {
  return topology.datasets.flatMap((dataset, index) => [
    ...dataset.copies.flatMap(({ store, sync }, place) => {
      const judged = sync === true ? judgeCopy(topology, dataset, store) : undefined;
      const path = ['datasets', index, 'copies', place, 'sync'];
      return judged === undefined ? [] : [{ path, ...judged }];
    }),
    ...findShared(topology, dataset, index),
  ]);
}

type Judged = Pick<TopologyFinding, 'what' | 'todo'>;

function judgeCopy(topology: Topology, dataset: Dataset, store: StoreName): Judged | undefined {
  const { copies, name } = dataset;
  const [home] = copies.toSorted((left, right) => left.preference - right.preference);
  const at = serverOfStore(topology, store);
  const homeAt = home && serverOfStore(topology, home.store);
  if (home === undefined || at === undefined || homeAt === undefined) return undefined;
  if (copies.find(({ sync }) => sync === true)?.store !== store) {
    return { what: `\`${name}\` names two synchronous copies`, todo: 'name one' };
  }
  if (home.store === store) {
    const what = `the best liked copy of \`${name}\` cannot be synchronous to itself`;
    return { what, todo: 'say `sync` at another copy of its site' };
  }
  if (at.site !== homeAt.site) {
    const what = `store \`${store}\` is in site \`${at.site}\`, and every write would wait for it`;
    return { what, todo: `name a copy in site \`${homeAt.site}\`` };
  }
  const pool = topology.pools.find((each) => each.name === dataset.pool);
  if (pool !== undefined && !pool.servers.includes(at.name)) {
    const what = `server \`${at.name}\` is not of pool \`${pool.name}\`, which it would serve`;
    return { what, todo: `add it to the pool's servers, or name a copy on one of them` };
  }
  // Who takes over has to know whether it still is in sync; the one who knew is dead.
  if (topology.votes !== undefined) return undefined;
  const what = 'nobody votes, so nobody could say later whether this copy was in sync';
  return { what, todo: 'add `votes`, or leave `sync` out' };
}

/** What a store waits for, all of it waits for: two datasets would stop each other. */
function findShared(
  { datasets }: Topology,
  dataset: Dataset,
  index: number,
): readonly TopologyFinding[] {
  const pair = syncPair(dataset) ?? [];
  const before = datasets.slice(0, index);
  return pair.flatMap((store) => {
    const other = before.find((each) => syncPair(each)?.includes(store) === true);
    if (other === undefined) return [];
    const place = dataset.copies.findIndex((copy) => copy.store === store);
    return [
      {
        path: ['datasets', index, 'copies', place, 'store'],
        what: `store \`${store}\` has a copy of \`${other.name}\` too whose writes wait`,
        todo: 'give a dataset with a synchronous copy stores that no other such one has',
      },
    ];
  });
}
