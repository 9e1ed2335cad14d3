import type { StoreName } from '../../ids.ts';
import type { ActiveRecord } from './active-record.ts';
import type { Link } from './link.ts';

// Which links a decision calls for. Both sides derive them from the same record, so nobody has to
// tell anybody a name (E2).

/** The link by which `store` is seeded from the active copy. */
export function seedLink(record: ActiveRecord, store: StoreName): Link {
  return { dataset: record.dataset, from: record.active, to: store, since: record.since };
}

/**
 * The link of the standing slot that the active copy kept for `store` while it was passive itself
 * (E6); undefined since birth, when there was no such time.
 */
export function standingLink(record: ActiveRecord, store: StoreName): Link | undefined {
  const { former } = record;
  if (former === undefined) return undefined;
  return { dataset: record.dataset, from: record.active, to: store, since: former.since };
}

/**
 * Whether the link is one by which another copy follows the active one of this record. By one from
 * before it has heard nothing of what others wrote in between.
 */
export function isOfRecord(link: Link, record: ActiveRecord): boolean {
  const links = [seedLink(record, link.to), standingLink(record, link.to)];
  return links.some((each) => each !== undefined && isSameLink(link, each));
}

/** The standing slots that a Healthy passive copy on `store` keeps for the others (E6). */
export function wayBackLinks(
  record: ActiveRecord,
  store: StoreName,
  stores: readonly StoreName[],
): readonly Link[] {
  const { dataset, since } = record;
  return stores
    .filter((other) => other !== store)
    .map((other) => ({ dataset, from: store, to: other, since }));
}

/** What decides which slots stay. */
export type LinksQuestion = {
  readonly record: ActiveRecord;
  readonly store: StoreName;
  readonly stores: readonly StoreName[];
  /** Links that other copies say they follow now; one of those is never dropped. */
  readonly followed: readonly Link[];
};

/**
 * The links whose slots may stand on `store`; all others of the dataset can be dropped (E2). Not
 * to be asked for a diverged copy: its slots hold the tail until salvage has read it (A3).
 */
export function linksToKeep({ record, store, stores, followed }: LinksQuestion): readonly Link[] {
  const inUse = followed.filter(
    ({ from, dataset }) => from === store && dataset === record.dataset,
  );
  if (record.active !== store) return distinct([...wayBackLinks(record, store, stores), ...inUse]);
  const others = stores.filter((other) => other !== store);
  return distinct([...others.flatMap((other) => linksTo(record, other, followed)), ...inUse]);
}

/** A slot that nobody will read keeps WAL until the disk's bound, so only likely ones stay. */
function linksTo(
  record: ActiveRecord,
  store: StoreName,
  followed: readonly Link[],
): readonly Link[] {
  const seed = seedLink(record, store);
  const standing = standingLink(record, store);
  // The side that was lost has writes of its own: it never follows from there (find-line.ts).
  const isLost = record.former?.how === 'forced' && record.former.store === store;
  if (standing === undefined || isLost) return [seed];
  const used = [seed, standing].filter((link) => followed.some((each) => isSameLink(each, link)));
  return used.length > 0 ? used : [seed, standing];
}

function distinct(links: readonly Link[]): readonly Link[] {
  return links.filter((link, index) => links.findIndex((each) => isSameLink(each, link)) === index);
}

/** The two links are one. */
export function isSameLink(left: Link, right: Link): boolean {
  return (
    left.dataset === right.dataset &&
    left.from === right.from &&
    left.to === right.to &&
    left.since === right.since
  );
}
