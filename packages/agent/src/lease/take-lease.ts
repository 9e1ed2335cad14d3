import {
  chooseTake,
  heldElsewhere,
  lastLeases,
  membershipOf,
  showGeneration,
  type TakeChoice,
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
  const memory = parts.memories.of(order.dataset);
  memory.taking += 1;
  try {
    return await takeBy(parts, memory, order);
  } finally {
    memory.taking -= 1;
  }
}

async function takeBy(
  parts: LeaseParts,
  memory: LeaseMemory,
  order: TakeOrder,
): Promise<RightTaken> {
  const { clock } = parts;
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
  { store, decided, ...followed }: TakeOrder,
): Promise<RightTaken | undefined> {
  const why = await carry(parts, memory, { by: { ...followed, candidate: store }, decided });
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
