import { newestGeneration, nextGeneration } from '../../generation.ts';
import type { DatasetName, PoolName, SiteName } from '../../ids.ts';
import type { Inventory } from '../../topology/inventory.ts';
import type { ActiveRecord, FormerActive } from '../history/active-record.ts';
import {
  type CopyCandidate,
  type CopyChoice,
  chooseBestCopy,
  type NotChosen,
} from './choose-best-copy.ts';
import { copyCandidates } from './copy-candidates.ts';
import { type CopyPlace, copiesOf, datasetOf, placeOf, quoteOf } from './copy-places.ts';

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
  const linked = current.former?.since;
  const wanted = datasetOf(inventory.topology, dataset);
  const seen = copiesOf(inventory, dataset).map(({ generationSeen }) => generationSeen);
  const tried = inventory.reports.flatMap(({ votes }) =>
    (votes?.leases ?? [])
      .filter((lease) => lease.dataset === current.id)
      .map((lease) => lease.tried),
  );
  const taken = nextGeneration(newestGeneration([generation, ...seen, ...tried]));
  const { dismounted: _, former: __, ...kept } = current;
  const isLossless = how === 'forced' && quoteOf(inventory, dataset, to.store)?.isInSync === true;
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
      former: {
        store: active,
        since,
        generation,
        ...(linked === undefined ? {} : { linked }),
        how,
        ...(isLossless && { isLossless }),
      },
    },
    furtherCopies: wanted.copies
      .map(({ store }) => placeOf(inventory.topology, store))
      .filter(({ store }) => store !== active && store !== to.store),
  };
}

export type ChosenTarget = {
  readonly to?: CopyPlace;
  readonly choice: CopyChoice;
};

/**
 * The copy of a dataset in `site` that should take over (A4). Where none can, the one that the
 * operator likes best of those that are not barred: the plan's checks then say what is wrong.
 */
export function chooseTarget(
  inventory: Inventory,
  record: ActiveRecord,
  where: { readonly site: SiteName; readonly mode: 'planned' | 'forced' },
): ChosenTarget {
  const { mode, site } = where;
  const candidates = copyCandidates(inventory, record, { site });
  const choice = chooseBestCopy({ record, candidates, mode });
  const store = choice.chosen ?? findLikeliest(candidates)?.store;
  return { choice, ...(store === undefined ? {} : { to: placeOf(inventory.topology, store) }) };
}

/** What a plan tells of the copies that it does not take; the active one goes without saying. */
export function alternatives(
  { notChosen }: CopyChoice,
  to: CopyPlace,
): { readonly notChosen?: readonly NotChosen[] } {
  const others = notChosen.filter(({ store, reason }) => store !== to.store && reason !== 'active');
  return others.length === 0 ? {} : { notChosen: others };
}

const barred: ReadonlySet<unknown> = new Set(['activationBlocked', 'serverAtMaximum']);

function findLikeliest(candidates: readonly CopyCandidate[]): CopyCandidate | undefined {
  const here = candidates
    .filter(({ out }) => out?.reason !== 'active' && out?.reason !== 'otherSite')
    .toSorted((left, right) => left.preference - right.preference);
  return here.find(({ out }) => !barred.has(out?.reason)) ?? here[0];
}
