import type { DatasetName, StoreName } from '@understudy/core';
import type { AgentParts, OwnStore } from './agent-parts.ts';

/** The store of this server with the control database that this agent decides in first. */
export function firstStore(parts: AgentParts): OwnStore | undefined {
  return parts.stores[0];
}

export function ownStoreNamed(parts: AgentParts, store: StoreName): OwnStore | undefined {
  return parts.stores.find(({ engine }) => engine.store === store);
}

/** Datasets with a copy on a store of this server, by the topology, in a steady order. */
export function ownDatasets(parts: AgentParts): readonly OwnCopy[] {
  return parts.topology.datasets
    .flatMap(({ name, copies }) =>
      copies.flatMap(({ store }) => {
        const own = ownStoreNamed(parts, store);
        return own === undefined ? [] : [{ dataset: name, own }];
      }),
    )
    .sort((left, right) => (left.dataset < right.dataset ? -1 : 1));
}

export type OwnCopy = { readonly dataset: DatasetName; readonly own: OwnStore };
