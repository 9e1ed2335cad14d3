import type { Brand } from './ids.ts';

// Each mount has a higher generation than all before it (E1). It is one whole number that
// holds two: the membership generation of the group and a counter, compared in that order (V4).
// While nobody changes the membership its part is 0 and the number is the counter alone.

export type Generation = Brand<number, 'Generation'>;

/** Counters per membership generation: 2^32, so that both parts fit a double's 53 bits. */
const countersPerMembership = 2 ** 32;

/** The generation before any: what a copy has seen that has seen nothing. */
export const noGeneration = 0 as Generation;

/** Makes a generation of its stored number; throws on what no generation can be. */
export function asGeneration(value: number): Generation {
  if (!Number.isSafeInteger(value) || value < 0) {
    throw new RangeError(`a generation is a whole number of at least 0, not ${value}`);
  }
  return value as Generation;
}

/** The generation after `generation`, within the same membership. */
export function nextGeneration(generation: Generation): Generation {
  return asGeneration(generation + 1);
}

/** The greater of generations, `noGeneration` when there are none. */
export function newestGeneration(generations: Iterable<Generation>): Generation {
  let newest = noGeneration;
  for (const generation of generations) if (generation > newest) newest = generation;
  return newest;
}

/** Which membership of the group a generation was taken under (V4). */
export function membershipOf(generation: Generation): number {
  return Math.floor(generation / countersPerMembership);
}

/** The generation before all that are taken under this membership. */
export function startOfMembership(membership: number): Generation {
  return asGeneration(membership * countersPerMembership);
}

/** Of no mount: what was known of a lease when the membership changed carries it (V4). */
export function isCarried(generation: Generation): boolean {
  return generation > noGeneration && generation % countersPerMembership === 0;
}

/** As people read it: `7`, or `2.7` when the membership has changed. */
export function showGeneration(generation: Generation): string {
  const membership = membershipOf(generation);
  const counter = generation % countersPerMembership;
  return membership === 0 ? `${counter}` : `${membership}.${counter}`;
}
