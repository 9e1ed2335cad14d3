import type { CopyReport } from '../../agent/agent-report.ts';
import { activeRecordOf } from '../../agent/decision.ts';
import type { DatasetName, ServerName, SiteName, StoreName } from '../../ids.ts';
import type { Inventory } from '../../topology/inventory.ts';
import type { Dataset, Topology } from '../../topology/topology.ts';
import type { ActiveRecord } from '../history/active-record.ts';
import type { LossQuote } from '../history/loss-quote.ts';

export type CopyPlace = { readonly store: StoreName; readonly server: ServerName };

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
