import { activeRecordOf, poolRecordOf } from '../agent/decision.ts';
import { placeOf, siteOf } from '../dataset/move/copy-places.ts';
import type { SiteName } from '../ids.ts';
import type { Inventory } from '../topology/inventory.ts';
import type { Pool } from '../topology/topology.ts';
import type { PoolState } from './pool-record.ts';

type Known = Pick<Inventory, 'topology' | 'decisions'>;

/** What mends a pool that no run is moving and that is served where its state does not say. */
const wantedState: { readonly [state in PoolState]?: string } = {
  active: 'FailedOver',
  failedOver: 'Active',
};

/**
 * In words, with what to type, where every dataset of a pool is active at the other side than its
 * state says: a site that had not heard of a decision has set that. Undefined where they agree.
 */
export function wordsOnContradiction(known: Known, pool: Pool): string | undefined {
  const record = poolRecordOf(known.decisions, pool.name);
  const wanted = record && wantedState[record.state];
  const serving = known.topology.pools.find(({ name }) => name === record?.serving)?.servers[0];
  if (record === undefined || wanted === undefined || serving === undefined) return undefined;
  const site = siteOf(known.topology, serving);
  const datasets = known.topology.datasets.filter((each) => each.pool === pool.name);
  const places = datasets.map(({ name }) => ({ name, at: activeSite(known, name) }));
  const away = places.filter(({ at }) => at !== undefined && at !== site);
  if (away.length === 0 || away.length < places.length) return undefined;
  const names = away.map(({ name, at }) => `${name} is active in site ${at}`).join(' and ');
  const command = `understudy pool set-state ${pool.name} ${wanted}`;
  return `pool ${pool.name} is ${record.state}, but ${names}: ${command}`;
}

function activeSite(
  { topology, decisions }: Known,
  dataset: Parameters<typeof activeRecordOf>[1],
): SiteName | undefined {
  const active = activeRecordOf(decisions, dataset)?.active;
  if (active === undefined || topology.stores.every(({ name }) => name !== active))
    return undefined;
  return siteOf(topology, placeOf(topology, active).server);
}
