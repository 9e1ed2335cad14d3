import {
  chooseTake,
  givenBack,
  heldElsewhere,
  isCarried,
  isOfLease,
  lastLeases,
  membershipOf,
  newestGeneration,
  released,
  showGeneration,
  startOfMembership,
  type StoreName,
  type TakeChoice,
  type VoteRecord,
  type VoteWrite,
} from '@understudy/core';
import type { HeldRight, RightTaken, TakeOrder } from '@understudy/ports';
import type { LeaseMemory } from './lease-memory.ts';
import { isMajority, type LeaseParts, readAll, sendWrites } from './lease-parts.ts';
import { renew } from './renew-lease.ts';
import { carry } from './voter-group.ts';

/** A record that moved beside the first round, by a release that was late, is seen in the next. */
const takeRoundsMax = 3;

/**
 * Takes a lease by replacing what was watched, at a majority of the voters (V2). A lost try burns
 * its generation and backs off by chance, so that of two that try at once one comes first.
 */
export async function take(parts: LeaseParts, order: TakeOrder): Promise<RightTaken> {
  const { clock, memories } = parts;
  const memory = memories.of(order.dataset);
  if (memory.tryNotBeforeMs > clock.bootMs()) {
    return refuse(`the last try was lost a moment ago: ${memory.lostWhy}`);
  }
  const notYet = refuseMembership(parts, order) ?? (await carryFor(parts, memory, order));
  if (notYet !== undefined) return notYet;
  const choose = (): TakeChoice => chooseTake(questionOf(parts, memory, order));
  await readAll(parts, memory, () => isOurs(parts, memory, order) || choose().kind === 'take');
  if (isOurs(parts, memory, order)) return await takeUp(parts, memory, order);
  for (let round = 1; ; round += 1) {
    const choice = choose();
    if (choice.kind === 'refused') return refuse(choice.why, choice.isOver);
    if (await sendTake(parts, memory, { order, choice })) return { isTaken: true };
    if (round === takeRoundsMax) break;
  }
  memory.tryNotBeforeMs = clock.bootMs() + (parts.chance.fraction() * parts.leaseMs) / 2;
  memory.lostWhy = [
    'no majority of the voters granted it',
    heldElsewhere(questionOf(parts, memory, order)),
  ]
    .filter((words) => words !== '')
    .join('; ');
  return refuse(memory.lostWhy);
}

/** V4: a generation is of the membership that grants it. */
function refuseMembership({ voters }: LeaseParts, order: TakeOrder): RightTaken | undefined {
  const asked = membershipOf(order.generation);
  const { generation } = voters.membership();
  if (asked === generation) return undefined;
  const what = `generation ${showGeneration(order.generation)} is of membership ${asked}`;
  return refuse(`${what}, and here membership ${generation} votes`, asked < generation);
}

async function carryFor(
  parts: LeaseParts,
  memory: LeaseMemory,
  { follows, store }: TakeOrder,
): Promise<RightTaken | undefined> {
  const why = await carry(parts, memory, { candidate: store, follows });
  return why === undefined ? undefined : refuse(why);
}

function refuse(why: string, isOver = false): RightTaken {
  return { isTaken: false, why, isOver };
}

function questionOf({ voters, clock, leaseMs }: LeaseParts, memory: LeaseMemory, order: TakeOrder) {
  const { store, isLossless = false, ...rest } = order;
  const { watch } = memory;
  const base = { ...rest, watch, voters: voters.names, candidate: store };
  return { ...base, isLossless, leaseMs, nowMs: clock.bootMs() };
}

/** An earlier answer was lost, or an agent died between the take and what it was for. */
function isOurs({ voters }: LeaseParts, { watch }: LeaseMemory, order: HeldRight): boolean {
  const [lease, ...others] = lastLeases(watch, voters.membership());
  return (
    others.length === 0 &&
    lease?.holder === order.store &&
    lease.generation === order.generation &&
    !lease.isReleased
  );
}

async function takeUp(
  parts: LeaseParts,
  memory: LeaseMemory,
  order: TakeOrder,
): Promise<RightTaken> {
  const { store, generation } = order;
  memory.held = { store, generation, renewedAtMs: undefined };
  if (await renew(parts, memory, order)) return { isTaken: true };
  return refuse('a majority of the voters did not renew what was taken');
}

/** One round, of which a majority has to be done: validity begins before it was sent (V2). */
async function sendTake(
  parts: LeaseParts,
  memory: LeaseMemory,
  { order, choice }: { order: TakeOrder; choice: Extract<TakeChoice, { kind: 'take' }> },
): Promise<boolean> {
  const { clock, voters } = parts;
  const { store, generation } = order;
  const sentMs = clock.bootMs();
  const isWon = (given: number): boolean => isMajority(voters, given);
  const given = await sendWrites(parts, memory, { writes: choice.writes, isWon });
  if (!isWon(given)) return false;
  memory.held = { store, generation, renewedAtMs: sentMs };
  return true;
}

/** A second round finds what a renewal beside the first has written. */
const releasesMax = 2;

/** The gate is shut: nobody has to watch this lease any more. */
export async function release(parts: LeaseParts, right: HeldRight): Promise<void> {
  const { voters, memories } = parts;
  const memory = memories.of(right.dataset);
  memory.held = undefined;
  for (let round = 0; round < releasesMax; round += 1) {
    const writes = writesOver(memory, right, released);
    if (writes.length === 0) return;
    const isWon = (given: number): boolean => isMajority(voters, given);
    if (isWon(await sendWrites(parts, memory, { writes, isWon }))) return;
  }
}

/** A write over each record of this lease that is not released. */
function writesOver(
  { watch }: LeaseMemory,
  { store, generation }: Pick<HeldRight, 'store' | 'generation'>,
  make: (record: VoteRecord) => VoteRecord,
): readonly VoteWrite[] {
  return [...watch].flatMap(([voter, { record }]) => {
    if (record === undefined) return [];
    const isOf = isOfLease(record, { holder: store, generation }) || isCarriedOf(record, store);
    if (!isOf || record.isReleased) return [];
    return [{ voter, expected: record, next: make(record) }];
  });
}

/** What was carried of the lease stands for it. */
function isCarriedOf({ holder, generation }: VoteRecord, store: StoreName): boolean {
  return holder === store && isCarried(generation);
}

/** A lease that was won and not used goes back to who had it before. */
export async function giveBack(
  parts: LeaseParts,
  { dataset, store }: Pick<HeldRight, 'dataset' | 'store'>,
  former: Pick<HeldRight, 'store' | 'generation'>,
): Promise<void> {
  const { memories, voters } = parts;
  const memory = memories.of(dataset);
  await readAll(parts, memory, () => false);
  const [lease, ...others] = lastLeases(memory.watch, voters.membership());
  // Of a try that was lost nothing follows: its former holder may be alive.
  if (others.length > 0 || lease?.holder !== store || lease.generation <= former.generation) return;
  if (memory.held?.store === store) memory.held = undefined;
  const begin = startOfMembership(voters.membership().generation);
  const generation = newestGeneration([former.generation, begin]);
  const before = { holder: former.store, generation };
  const writes = writesOver(memory, { store, generation: lease.generation }, (record) =>
    givenBack(record, before),
  );
  await sendWrites(parts, memory, { writes, isWon: () => false });
}
