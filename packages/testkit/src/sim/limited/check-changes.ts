import type { DatasetName } from '@understudy/core';
import type { FakeCopy } from '@understudy/ports/fake';
import type { Violation } from '../checkers.ts';
import type { SimWorld } from '../sim-world.ts';
import type { ChangeRecord } from './change-clients.ts';
import { madeRow, readMade } from './sim-queues.ts';

/**
 * What users were promised in limited mode and in full service: each change that was acknowledged
 * stands once (or in a copy that was set aside), and each user's are in order, by either way.
 *
 * Between the two ways no order is promised to a user whom a cut cable served on both sides.
 */
export function checkChanges(
  world: SimWorld,
  {
    dataset,
    record,
    active,
  }: {
    readonly dataset: DatasetName;
    readonly record: ChangeRecord;
    readonly active: FakeCopy;
  },
): { readonly violations: readonly Violation[]; readonly setAside: number } {
  const { order } = readMade(active.rows.get(madeRow));
  const places = placesOf(order);
  const violations: Violation[] = [];
  for (const [id, found] of places) {
    if (found.length > 1)
      violations.push({ rule: 'once', what: `${id} stands ${found.length} times` });
  }
  const tails = idsSetAside(world, dataset);
  let setAside = 0;
  for (const told of [record.queued, record.made]) {
    for (const changes of told.values()) {
      for (const id of changes) {
        if (places.has(id)) continue;
        if (tails.has(id)) setAside++;
        else violations.push({ rule: 'accounting', what: `acknowledged ${id} is nowhere` });
      }
      violations.push(...outOfOrder(changes, places, record));
    }
  }
  return { violations, setAside };
}

function placesOf(order: readonly string[]): ReadonlyMap<string, readonly number[]> {
  const places = new Map<string, number[]>();
  for (const [place, id] of order.entries()) {
    places.set(id, [...(places.get(id) ?? []), place]);
  }
  return places;
}

/** A change that may have been made by the other way too stands where that put it. */
function outOfOrder(
  changes: readonly string[],
  places: ReadonlyMap<string, readonly number[]>,
  { doubtful }: ChangeRecord,
): readonly Violation[] {
  const violations: Violation[] = [];
  let last: { readonly id: string; readonly place: number } | undefined;
  for (const id of changes) {
    const place = places.get(id)?.[0];
    if (place === undefined || doubtful.has(id)) continue;
    if (last !== undefined && place < last.place) {
      violations.push({ rule: 'order', what: `${id} stands before ${last.id}` });
    }
    last = { id, place };
  }
  return violations;
}

/** Ids in copies that were set aside, at any time. */
function idsSetAside(world: SimWorld, dataset: DatasetName): ReadonlySet<string> {
  const ids = new Set<string>();
  for (const store of world.stores.values()) {
    for (const copy of store.setAside.values()) {
      if (copy.dataset !== dataset) continue;
      const { order } = readMade(copy.rows.get(madeRow));
      for (const id of order) ids.add(id);
    }
  }
  return ids;
}
