import type { Lsn, Position } from './position.ts';
import { comparePositions } from './position.ts';

// How far the standing slot for a further copy may move (E6, A4).
//
// W1. Should this copy be forced active, the further one needs from the slot what it lacks of the
//     former active copy. So the slot stays behind what the further copy has said to have.
// W2. What the slot holds is to show that it begins early enough: at least one transaction that the
//     further copy has. So it stays one mark further back.
// W3. A mark says: what stands in this store's log before `here` was applied here, and stood on the
//     active copy at `applied` or before. `here` is of an earlier look than `applied`.

export type WayBackMark = { readonly here: Lsn; readonly applied: Position };

export type WayBackMarks = {
  /** Where this store's log stood at the last look. */
  readonly before: Lsn;
  /** The oldest first; each with more applied than the one before it. */
  readonly marks: readonly WayBackMark[];
};

export type WayBackLook = {
  readonly writtenLsn: Lsn;
  /** What this copy has applied of the active one, where that is known. */
  readonly applied: Position | undefined;
  /** What the further copy said to have applied of it; undefined while it is silent. */
  readonly follower: Position | undefined;
};

/** Of a further copy that is silent no more are kept; its slot then moves by fewer, wider steps. */
const marksMax = 60;

/** The marks after one more look, and where to the slot may move now. Pure. */
export function nextWayBackMarks(
  known: WayBackMarks | undefined,
  { writtenLsn: before, applied, follower }: WayBackLook,
): WayBackMarks & { readonly advanceTo?: Lsn } {
  const marks = addMark(known, applied);
  const had = follower === undefined ? -1 : marks.findLastIndex((mark) => isHad(mark, follower));
  const safe = marks[had - 1];
  if (safe === undefined) return { before, marks };
  return { before, marks: marks.slice(had), advanceTo: safe.here };
}

function addMark(
  known: WayBackMarks | undefined,
  applied: Position | undefined,
): readonly WayBackMark[] {
  if (known === undefined || applied === undefined) return known?.marks ?? [];
  const { marks, before: here } = known;
  const last = marks.at(-1);
  if (last === undefined) return [{ here, applied }];
  switch (comparePositions(last.applied, applied)) {
    case 'same':
      return [...marks.slice(0, -1), { here, applied }];
    case 'before':
      return marks.length < marksMax ? [...marks, { here, applied }] : marks;
    // A crash took back what was applied, or another copy is active by now: all begins anew.
    case 'after':
    case 'incomparable':
      return [{ here, applied }];
  }
}

function isHad({ applied }: WayBackMark, follower: Position): boolean {
  const order = comparePositions(applied, follower);
  return order === 'before' || order === 'same';
}
