import type { LedgerOutcome } from '@understudy/core';
import type { FakeCopy } from '@understudy/ports/fake';
import type { Salvaged } from '../checkers.ts';
import type { Violation } from '../client-record.ts';
import type { ChangeRecord } from './change-clients.ts';
import { madeRow, readMade } from './sim-queues.ts';

/**
 * What users were promised in limited mode and in full service: each change that was acknowledged
 * stands once, or in the ledger of what was lost, and each user's are in order, by either way.
 *
 * Between the two ways no order is promised to a user whom a cut cable served on both sides.
 */
export function checkChanges(
  record: ChangeRecord,
  active: FakeCopy,
): { readonly violations: readonly Violation[] } & Salvaged {
  const { order } = readMade(active.rows.get(madeRow));
  const places = placesOf(order);
  const violations: Violation[] = [];
  for (const [id, { length }] of places) {
    if (length > 1) violations.push({ rule: 'once', what: `${id} stands ${length} times` });
  }
  const [listed, mergedIds] = [idsIn(active, isListed), idsIn(active, isMerged)];
  let [conflicts, merged] = [0, 0];
  for (const told of [record.queued, record.made]) {
    for (const changes of told.values()) {
      for (const id of changes) {
        if (places.has(id)) {
          if (mergedIds.has(id)) merged++;
        } else if (listed.has(id)) conflicts++;
        else violations.push({ rule: 'accounting', what: `acknowledged ${id} is nowhere` });
      }
      violations.push(...outOfOrder(changes, places, record));
    }
  }
  return { violations, conflicts, merged };
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

type Outcome = (outcome: LedgerOutcome) => boolean;
const isMerged: Outcome = (outcome) => outcome === 'merged';
/** The survivor's row had changed since: it stands in the ledger alone. */
const isListed: Outcome = (outcome) => outcome !== 'merged';

/** Ids in what a lost side had, by what became of it. */
function idsIn({ ledger }: FakeCopy, became: Outcome): ReadonlySet<string> {
  const theirs = [...ledger.values()]
    .filter(({ key, outcome }) => key === madeRow && became(outcome))
    .map((entry) => String(entry.theirs?.['value'] ?? ''));
  return new Set(theirs.flatMap((value) => readMade(value).order));
}
