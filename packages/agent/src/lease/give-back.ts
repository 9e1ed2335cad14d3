import {
  chooseGiveBack,
  hasTried,
  isCarriedOf,
  isOfLease,
  released,
  type VoteWrite,
} from '@understudy/core';
import type { HeldRight } from '@understudy/ports';
import type { LeaseMemory } from './lease-memory.ts';
import { carry } from './voter-group.ts';
import { isMajority, type LeaseParts, readAll, sendWrites } from './lease-parts.ts';

/** A second round finds what a renewal beside the first has written. */
const releasesMax = 2;

/** The gate is shut: nobody has to watch this lease any more. */
export async function release(parts: LeaseParts, right: HeldRight): Promise<void> {
  const { voters, memories } = parts;
  const memory = memories.of(right.dataset);
  memory.held = undefined;
  for (let round = 0; round < releasesMax; round += 1) {
    const writes = releasesOf(memory, right);
    if (writes.length === 0) return;
    const isWon = (given: number): boolean => isMajority(voters, given);
    if (isWon(await sendWrites(parts, memory, { writes, isWon }))) return;
  }
}

/** A write over each record of this lease that is not released. */
function releasesOf(
  { watch }: LeaseMemory,
  { store, generation }: Pick<HeldRight, 'store' | 'generation'>,
): readonly VoteWrite[] {
  return [...watch].flatMap(([voter, { record }]) => {
    if (record === undefined) return [];
    const isOf = isOfLease(record, { holder: store, generation }) || isCarriedOf(record, store);
    if (!isOf || record.isReleased) return [];
    return [{ voter, expected: record, next: released(record) }];
  });
}

type Right = Pick<HeldRight, 'dataset' | 'store'>;
type Former = Pick<HeldRight, 'store' | 'generation'>;

/** What was taken, or tried, and is not used goes back to who had it before. */
export async function giveBack(
  parts: LeaseParts,
  right: Right,
  former: Former,
  isUnused?: () => boolean,
): Promise<void> {
  const memory = parts.memories.of(right.dataset);
  await readAll(parts, memory, () => false);
  // A take that is under way counts on what it has written.
  const isLeft = (): boolean => memory.taking === 0 && isUnused?.() !== false;
  if (!isLeft()) return;
  if (isUnused !== undefined) {
    // Where the membership has changed since, nobody else can tell that the try opened no gate.
    const by = { candidate: right.store, follows: former.store };
    await carry(parts, memory, { by, decided: former });
  }
  if (!isLeft()) return;
  const writes = chooseGiveBack(questionOf(parts, right, former));
  if (writes.length === 0) return;
  if (memory.held?.store === right.store) memory.held = undefined;
  await sendWrites(parts, memory, { writes, isWon: () => false });
}

/** Is there anything to give back, as far as voters have shown? */
export function hasTriedFor(parts: LeaseParts, right: Right, former: Former): boolean {
  return hasTried(questionOf(parts, right, former));
}

function questionOf({ memories, voters }: LeaseParts, { dataset, store }: Right, former: Former) {
  return {
    membership: voters.membership(),
    watch: memories.of(dataset).watch,
    holder: store,
    former: { holder: former.store, generation: former.generation },
  };
}
