import type { Generation } from '../../generation.ts';
import type { StoreName } from '../../ids.ts';
import type { CopyObservation, OriginPosition } from '../copy/copy-observation.ts';
import type { ActiveRecord, FormerActive } from './active-record.ts';
import type { Position } from './position.ts';

// A4: copies that followed the same active one have an order, by what they applied of it.
//
// P1. The time of an active copy begins with its take-over; remounts of the same store raise the
//     generation and go on in the same log (I2). All positions of one time are compared as LSNs.
// P2. Who follows says so by its link: seeded in this time, or from a slot that had stood before.
// P3. Who is detached says so by the position that it stored (A1).

/** The time in which one store was active. */
export type ActiveTime = {
  readonly store: StoreName;
  readonly since: Generation;
  /** Of its newest mount. */
  readonly generation: Generation;
  readonly linked?: Generation | undefined;
};

/** What a copy says of where it stands. */
export type Standing = Pick<CopyObservation, 'following' | 'origin'>;

/** The time of the copy that the record names active. */
export function activeTime({ active, since, generation, former }: ActiveRecord): ActiveTime {
  return { store: active, since, generation, linked: former?.since };
}

/** The time of the copy that was active before. */
export function formerTime({ store, since, generation, linked }: FormerActive): ActiveTime {
  return { store, since, generation, linked };
}

/** The copy follows who was active in this time, or followed it last. */
export function isOfTime(copy: Standing, time: ActiveTime): boolean {
  const { following, origin } = copy;
  if (following === undefined) return isOriginOf(origin, time);
  const { from, since } = following.link;
  return from === time.store && (since === time.since || since === time.linked);
}

/** How much of this time the copy has applied; undefined where that is not known. */
export function positionIn(copy: Standing, time: ActiveTime): Position | undefined {
  if (!isOfTime(copy, time)) return undefined;
  const { following, origin } = copy;
  const lsn = following === undefined ? origin?.lsn : following.appliedLsn;
  return lsn === undefined ? undefined : { generation: time.since, lsn };
}

function isOriginOf(
  origin: OriginPosition | undefined,
  { store, since, generation }: ActiveTime,
): boolean {
  if (origin?.from !== store) return false;
  return origin.generation >= since && origin.generation <= generation;
}
