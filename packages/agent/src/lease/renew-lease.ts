import {
  chooseRenewal,
  type Count,
  countLease,
  membershipOf,
  renewLeaseEveryMs,
  safePartMs,
  type StoreName,
} from '@understudy/core';
import type { HeldRight } from '@understudy/ports';
import type { LeaseMemory } from './lease-memory.ts';
import { isMajority, leaseOf, type LeaseParts, readAll, sendWrites } from './lease-parts.ts';

/** A second try finds a write of the first whose answer was lost. */
const roundsMax = 2;

/**
 * For how long from now the lease is valid, renewed where it is time to (V1): undefined when it is
 * lost, or when it ran out without a majority.
 */
export async function validFor(parts: LeaseParts, right: HeldRight): Promise<number | undefined> {
  const { clock, leaseMs } = parts;
  const askedMs = clock.bootMs();
  const memory = parts.memories.of(right.dataset);
  const { generation } = parts.voters.membership();
  // V4: under a former membership nothing is renewed; what is left of it lasts until it is taken
  // anew, for whoever else would take it waits for that.
  if (membershipOf(right.generation) < generation) return remainingOf(parts, memory, right);
  adopt(memory, right);
  const renewedAtMs = memory.held?.renewedAtMs;
  const isFresh = renewedAtMs !== undefined && askedMs - renewedAtMs < renewLeaseEveryMs(leaseMs);
  if (!isFresh) await renew(parts, memory, right);
  const lease = leaseOf(right.dataset, right, leaseMs);
  const { watch } = memory;
  const isLost = countLease(lease, { voters: parts.voters.names, watch }) === 'lost';
  if (isLost) forget(memory, right);
  return remainingOf(parts, memory, right, askedMs);
}

/** What is held, where it is this right. */
function heldOf({ held }: LeaseMemory, { store, generation }: HeldRight): LeaseMemory['held'] {
  return held?.store === store && held.generation === generation ? held : undefined;
}

function forget(memory: LeaseMemory, right: HeldRight): void {
  if (heldOf(memory, right) !== undefined) memory.held = undefined;
}

/** What is left of the last renewal that was won, counted from `askedMs`. */
function remainingOf(
  { clock, leaseMs }: LeaseParts,
  memory: LeaseMemory,
  right: HeldRight,
  askedMs: number = clock.bootMs(),
): number | undefined {
  const fromMs = heldOf(memory, right)?.renewedAtMs;
  const remainingMs = (fromMs ?? Number.NEGATIVE_INFINITY) + safePartMs(leaseMs) - askedMs;
  if (remainingMs > 0) return Math.min(remainingMs, safePartMs(leaseMs));
  forget(memory, right);
  return undefined;
}

/** A mount of a former life of this agent goes on where the voters still show its lease. */
function adopt(memory: LeaseMemory, { store, generation }: HeldRight): void {
  const { held } = memory;
  if (held?.store === store && held.generation >= generation) return;
  memory.held = { store, generation, renewedAtMs: undefined };
}

/** True when a majority renewed it. */
export async function renew(
  parts: LeaseParts,
  memory: LeaseMemory,
  right: HeldRight,
): Promise<boolean> {
  const { voters } = parts;
  for (let round = 0; round < roundsMax; round += 1) {
    // An agent that has just begun knows no voter's record; one that came back is asked beside.
    const isKnown = (): boolean => voters.names.every((voter) => memory.watch.has(voter));
    const count = (): Count => {
      const lease = leaseOf(right.dataset, right, parts.leaseMs);
      return countLease(lease, { voters: voters.names, watch: memory.watch });
    };
    if (count() !== 'won') await readAll(parts, memory, () => count() === 'won');
    else if (!isKnown()) void readAll(parts, memory, isKnown);
    if (await renewOnce(parts, memory, right)) return true;
    if (count() === 'lost') return false;
  }
  return false;
}

/** The copy that renewals of this right record as in sync. */
export function inSyncOf(memory: LeaseMemory, right: HeldRight): StoreName | undefined {
  return heldOf(memory, right)?.inSync;
}

/** V7: a renewal with another word. Where no majority gave it, the record may say either. */
export async function recordInSync(
  parts: LeaseParts,
  right: HeldRight,
  copy: StoreName | undefined,
): Promise<boolean> {
  const memory = parts.memories.of(right.dataset);
  const held = heldOf(memory, right);
  if (held === undefined) return false;
  const { inSync: _, ...rest } = held;
  memory.held = copy === undefined ? rest : { ...rest, inSync: copy };
  return await renew(parts, memory, right);
}

async function renewOnce(
  parts: LeaseParts,
  memory: LeaseMemory,
  right: HeldRight,
): Promise<boolean> {
  const { voters, clock, leaseMs } = parts;
  const inSync = inSyncOf(memory, right);
  const own = leaseOf(right.dataset, right, leaseMs);
  const lease = inSync === undefined ? own : { ...own, inSync };
  const choice = chooseRenewal(lease, { voters: voters.names, watch: memory.watch });
  const sentMs = clock.bootMs();
  const isWon = (given: number): boolean => isMajority(voters, given);
  const given = await sendWrites(parts, memory, { writes: choice.renewals, isWon });
  if (!isWon(given)) return false;
  const { store, generation } = right;
  if (memory.held?.generation !== generation) return false; // Released meanwhile.
  const before = memory.held.renewedAtMs ?? sentMs;
  memory.held = { ...memory.held, store, generation, renewedAtMs: Math.max(before, sentMs) };
  // What was recorded is what this round wrote, whatever was asked for meanwhile (V7).
  if (inSyncOf(memory, right) !== inSync) return false;
  // R2: they count for nothing, so nobody waits for them.
  void sendWrites(parts, memory, { writes: choice.reminders, isWon: () => false });
  return true;
}
