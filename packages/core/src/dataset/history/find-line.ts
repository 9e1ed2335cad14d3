import type { ActiveRecord, FormerActive } from './active-record.ts';
import type { CopyObservation } from '../copy/copy-observation.ts';
import type { Link } from './link.ts';
import { isSameLink, seedLink, standingLink } from './links-of-record.ts';
import { comparePositions } from './position.ts';
import { formerTime, isOfTime, positionIn, type Standing } from './position-reached.ts';

/**
 * How a passive copy stands to the active one. `follows`: over a link of the record. `canFollow`:
 * what it lacks is in `link`'s standing slot, either all since the record's take-over with which it
 * is level, or, by `position`, all that it lacks of the former active copy too (A4).
 * `awaitsMarker`: still over the former active copy's link, until the fence marker is here.
 * `awaitsActive`: the active copy has to say first how much it had of the former one.
 * `unproven`: nothing shows what it lacks, or that it lacks only; it has to be reseeded.
 */
export type Line =
  | { readonly kind: 'follows'; readonly link: Link }
  | { readonly kind: 'canFollow'; readonly link: Link; readonly by: 'takeOver' | 'position' }
  | { readonly kind: 'awaitsMarker' }
  | { readonly kind: 'awaitsActive'; readonly why: string }
  | { readonly kind: 'unproven'; readonly why: string };

/** What others said of it. */
export type LineFacts = {
  /** What the active copy says of itself; undefined while it is silent. */
  readonly active?: Standing | undefined;
  /** Why its store could not show by position what it lacks, when it was tried. */
  readonly unshown?: string | undefined;
};

const unproven = (why: string): Line => ({ kind: 'unproven', why });

/** The line of a copy that is passive by `record`. */
export function findLine(copy: CopyObservation, record: ActiveRecord, facts: LineFacts = {}): Line {
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
    return unproven('it follows nobody, and no slot stands for it since birth');
  }
  if (former.how === 'forced') return findForced(copy, { record, former, standing, ...facts });
  // The marker's table may be copied before others are: half a copy shows it too.
  if (copy.isWhole && isLevel(copy, record)) {
    return { kind: 'canFollow', link: standing, by: 'takeOver' };
  }
  if (link !== undefined && isOfTime(copy, formerTime(former))) return { kind: 'awaitsMarker' };
  if (!copy.isWhole) return unproven('it was not seeded to the end');
  return unproven(`it is not level with what ${former.store} handed over to ${record.active}`);
}

type Forced = LineFacts & {
  readonly record: ActiveRecord;
  readonly former: FormerActive;
  readonly standing: Link;
};

/** A4: two that followed the same lost copy are compared; who has less of it goes on from there. */
function findForced(copy: CopyObservation, forced: Forced): Line {
  const { record, former, standing, active, unshown } = forced;
  const name = record.active;
  const time = formerTime(former);
  if (former.store === copy.store || !isOfTime(copy, time)) {
    return unproven(`${name} was forced active, and this copy may lack or have other writes`);
  }
  if (!copy.isWhole) return unproven('it was not seeded to the end');
  if (unshown !== undefined) return unproven(unshown);
  if (active === undefined) {
    const why = `${name}, which was forced active, has not said how much it had of ${former.store}`;
    return { kind: 'awaitsActive', why };
  }
  const [own, theirs] = [positionIn(copy, time), positionIn(active, time)];
  if (own === undefined || theirs === undefined) {
    return unproven(`nothing tells whether it has more of ${former.store} than ${name} had`);
  }
  if (comparePositions(own, theirs) === 'after') {
    const todo = 'what that is gets salvaged, and it is seeded anew';
    return unproven(
      `it has more of ${former.store} than ${name}, which was forced active: ${todo}`,
    );
  }
  return { kind: 'canFollow', link: standing, by: 'position' };
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
