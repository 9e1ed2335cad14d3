import type { ActiveRecord } from './active-record.ts';
import type { CopyObservation } from '../copy/copy-observation.ts';
import type { Link } from './link.ts';
import { isSameLink, seedLink, standingLink } from './links-of-record.ts';
import { formerTime, isOfTime } from './position-reached.ts';

/**
 * How a passive copy stands to the active one. `follows`: over a link of the record. `canFollow`:
 * it is level with the record's take-over, so `link`'s standing slot has exactly what it lacks.
 * `awaitsMarker`: still over the former active copy's link, until the fence marker is here.
 * `unproven`: nothing shows what it lacks, or that it lacks only; it has to be reseeded.
 */
export type Line =
  | { readonly kind: 'follows'; readonly link: Link }
  | { readonly kind: 'canFollow'; readonly link: Link }
  | { readonly kind: 'awaitsMarker' }
  | { readonly kind: 'unproven'; readonly why: string };

/** The line of a copy that is passive by `record`. */
export function findLine(copy: CopyObservation, record: ActiveRecord): Line {
  const standing = standingLink(record, copy.store);
  const link = copy.following?.link;
  if (link !== undefined) {
    const isStanding = standing !== undefined && isSameLink(link, standing);
    if (isStanding || isSameLink(link, seedLink(record, copy.store))) {
      return { kind: 'follows', link };
    }
  }
  const { former } = record;
  if (standing === undefined || former === undefined) {
    return { kind: 'unproven', why: 'it follows nobody, and no slot stands for it since birth' };
  }
  if (former.how === 'forced') {
    return {
      kind: 'unproven',
      why: `${record.active} was forced active, and this copy may lack or have other writes`,
    };
  }
  // The marker's table may be copied before others are: half a copy shows it too.
  if (copy.isWhole && isLevel(copy, record)) return { kind: 'canFollow', link: standing };
  if (link !== undefined && isOfTime(copy, formerTime(former))) {
    return { kind: 'awaitsMarker' };
  }
  if (!copy.isWhole) return { kind: 'unproven', why: 'it was not seeded to the end' };
  return {
    kind: 'unproven',
    why: `it is not level with what ${former.store} handed over to ${record.active}`,
  };
}

/**
 * A forced move detached it from the active copy and then did not happen. It stands where it was,
 * whole, and has taken no writes: it lacks, and knows from which position on (A1).
 */
export function isLeftDetached(copy: CopyObservation, record: ActiveRecord): boolean {
  const { origin, following, isWhole } = copy;
  if (origin === undefined || following !== undefined || !isWhole) return false;
  const { generation } = origin;
  return (
    origin.from === record.active && generation >= record.since && generation <= record.generation
  );
}

/** It handed over itself, or shows the marker that the former active copy handed over with. */
function isLevel(copy: CopyObservation, { dataset, former }: ActiveRecord): boolean {
  if (former?.store === copy.store) return copy.handedOver?.generation === former.generation;
  const { marker } = copy;
  return marker?.dataset === dataset && marker.generation === former?.generation;
}
