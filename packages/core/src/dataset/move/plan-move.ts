import type { CopyReport } from '../../agent/agent-report.ts';
import { activeRecordOf } from '../../agent/decision.ts';
import { newestGeneration, nextGeneration } from '../../generation.ts';
import type { DatasetName, PoolName, ServerName, SiteName, StoreName } from '../../ids.ts';
import type { Inventory } from '../../topology/inventory.ts';
import type { Dataset, Topology } from '../../topology/topology.ts';
import type { ActiveRecord, FormerActive } from '../history/active-record.ts';
import { chooseCopy } from './choose-copy.ts';
import type { LossQuote } from '../history/loss-quote.ts';

export type CopyPlace = { readonly store: StoreName; readonly server: ServerName };

/** One dataset's way from one store to another, with both records in full. */
export type PlannedMove = {
  readonly dataset: DatasetName;
  readonly pool: PoolName;
  readonly from: CopyPlace;
  readonly to: CopyPlace;
  /** What stands decided now; the new record is set against it by compare-and-set. */
  readonly current: ActiveRecord;
  readonly next: ActiveRecord;
  /** Copies on neither side: they follow the new active one too. */
  readonly furtherCopies: readonly CopyPlace[];
};

/**
 * The move of `current` to `to`: the new generation is above any that the two sides have seen, and
 * above any that was tried at a voter.
 */
export function planMove(
  inventory: Inventory,
  current: ActiveRecord,
  { to, how }: { readonly to: CopyPlace; readonly how: FormerActive['how'] },
): PlannedMove {
  const { dataset, active, since, generation } = current;
  const wanted = datasetOf(inventory.topology, dataset);
  const seen = copiesOf(inventory, dataset).map(({ generationSeen }) => generationSeen);
  const tried = inventory.reports.flatMap(({ votes }) =>
    (votes?.leases ?? [])
      .filter((lease) => lease.dataset === current.id)
      .map((lease) => lease.tried),
  );
  const taken = nextGeneration(newestGeneration([generation, ...seen, ...tried]));
  const { dismounted: _, former: __, ...kept } = current;
  return {
    dataset,
    pool: wanted.pool,
    from: placeOf(inventory.topology, active),
    to,
    current,
    next: {
      ...kept,
      generation: taken,
      active: to.store,
      since: taken,
      former: { store: active, since, generation, how },
    },
    furtherCopies: wanted.copies
      .map(({ store }) => placeOf(inventory.topology, store))
      .filter(({ store }) => store !== active && store !== to.store),
  };
}

/**
 * The copy of a dataset in `site` that should take over (A4). Where none can, the operator's
 * favourite all the same: the plan's checks then say what is wrong with it.
 */
export function chooseTarget(
  inventory: Inventory,
  dataset: Dataset,
  where: { readonly site: SiteName; readonly mode: 'planned' | 'forced' },
): CopyPlace | undefined {
  const candidates = dataset.copies
    .filter(({ store }) => siteOf(inventory.topology, serverOf(inventory, store)) === where.site)
    .toSorted((left, right) => left.preference - right.preference)
    .map((copy) => ({
      ...copy,
      report: copyAt(inventory, dataset.name, copy.store),
      quote: quoteOf(inventory, dataset.name, copy.store),
    }));
  const store = chooseCopy(candidates, where.mode).chosen ?? candidates[0]?.store;
  return store === undefined ? undefined : placeOf(inventory.topology, store);
}

function serverOf({ topology }: Inventory, store: StoreName): ServerName {
  return placeOf(topology, store).server;
}

export function datasetOf(topology: Topology, name: DatasetName): Dataset {
  const dataset = topology.datasets.find((each) => each.name === name);
  if (dataset === undefined) throw new Error(`no dataset ${name} in the topology`);
  return dataset;
}

/** Where a store is. Throws on a store that the topology does not name: it was checked before. */
export function placeOf(topology: Topology, store: StoreName): CopyPlace {
  const found = topology.stores.find((each) => each.name === store);
  if (found === undefined) throw new Error(`no store ${store} in the topology`);
  return { store, server: found.server };
}

export function siteOf(topology: Topology, server: ServerName): SiteName {
  const found = topology.servers.find((each) => each.name === server);
  if (found === undefined) throw new Error(`no server ${server} in the topology`);
  return found.site;
}

/** All copies of a dataset that somebody reported. */
export function copiesOf({ reports }: Inventory, dataset: DatasetName): readonly CopyReport[] {
  return reports.flatMap(({ copies }) => copies.filter((copy) => copy.dataset === dataset));
}

export function copyAt(
  inventory: Inventory,
  dataset: DatasetName,
  store: StoreName,
): CopyReport | undefined {
  return copiesOf(inventory, dataset).find((copy) => copy.store === store);
}

export function quoteOf(
  { quotes }: Inventory,
  dataset: DatasetName,
  store: StoreName,
): LossQuote | undefined {
  return quotes.find((quote) => quote.dataset === dataset && quote.copy === store);
}

/** The decided record of a dataset, if there is one and its store is one of the topology's. */
export function knownRecord(inventory: Inventory, dataset: DatasetName): ActiveRecord | undefined {
  const record = activeRecordOf(inventory.decisions, dataset);
  if (record === undefined) return undefined;
  return inventory.topology.stores.some(({ name }) => name === record.active) ? record : undefined;
}
