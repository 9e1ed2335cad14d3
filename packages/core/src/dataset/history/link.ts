import type { Generation } from '../../generation.ts';
import type { DatasetName, StoreName } from '../../ids.ts';

// One direction of replication of one dataset, since one generation.
//
// I1. Slot, subscription and publication of a link all carry its one name (E2), so nothing
//     of another dataset, direction or generation can be taken for one's own.
// I2. `since` is the generation with which the active store of that time took over. A remount of
//     the same store (E1) gives a new generation but keeps the link.

/** Changes of `dataset` that go from store `from` to store `to`. */
export type Link = {
  readonly dataset: DatasetName;
  readonly from: StoreName;
  readonly to: StoreName;
  readonly since: Generation;
};

/** PostgreSQL cuts identifiers at 63 bytes; topology names are short enough never to reach it. */
export const linkNameLengthMax = 63;
export const topologyNameLengthMax = 15;

/** The name of the link's slot, subscription and publication (lower case, digits, underscores). */
export function linkName({ dataset, from, to, since }: Link): string {
  return `us_${sqlName(dataset)}_${sqlName(from)}_${sqlName(to)}_g${since}`;
}

/** The database that holds a copy of `dataset`. */
export function databaseName(dataset: DatasetName): string {
  return sqlName(dataset);
}

/** The name of a database set aside with the writes of `generation` (decisions/0015). */
export function setAsideName(dataset: DatasetName, generation: Generation): string {
  return `${sqlName(dataset)}_gen${generation}`;
}

/** Topology names have no underscore, so this loses nothing. */
function sqlName(name: string): string {
  return name.replaceAll('-', '_');
}
