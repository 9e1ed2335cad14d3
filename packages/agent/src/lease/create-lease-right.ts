import {
  countLease,
  type DatasetId,
  type Generation,
  isOfLease,
  lastLeases,
  type Membership,
  newestGeneration,
  newestTried,
  passedAtMs,
  recordedInSync,
  type RecordWatch,
  renewLeaseEveryMs,
  startOfMembership,
  type VoteRecord,
  type VoterName,
  type VotesReport,
} from '@understudy/core';
import type { Chance, Clock, MountRight, VoteStore } from '@understudy/ports';
import { createVoters } from './ask-voters.ts';
import { giveBack, hasTriedFor, release } from './give-back.ts';
import { LeaseMemories, type LeaseMemory } from './lease-memory.ts';
import { type LeaseParts, readAll } from './lease-parts.ts';
import { inSyncOf, recordInSync, validFor } from './renew-lease.ts';
import { take } from './take-lease.ts';
import { type AlternateWitnesses, createVoterGroup } from './voter-group.ts';

/** A voter that does not answer within this part of the lease time counts as silent. */
const answersPerLease = 6;

/** The right to mount as voters grant it: leases (decisions/0029, 0031). */
export function createLeaseRight(options: {
  /** Whoever may ever vote. */
  readonly voters: readonly VoteStore[];
  /** Who votes until a change of it is heard of. */
  readonly membership: Membership;
  readonly witnesses?: AlternateWitnesses;
  readonly leaseMs: number;
  readonly clock: Clock;
  readonly chance: Chance;
}): MountRight {
  const { leaseMs, clock, chance, membership, witnesses } = options;
  const answerMs = leaseMs / answersPerLease;
  const voters = createVoters({
    all: options.voters,
    membership,
    clock,
    answerMs,
    ...(witnesses === undefined ? {} : { openWitness: witnesses.open }),
  });
  const parts: LeaseParts = { voters, memories: new LeaseMemories(clock), clock, chance, leaseMs };
  const group = createVoterGroup(parts, witnesses);
  return {
    isVoted: true,
    group,
    validForMs: (right) => validFor(parts, right),
    take: (order) => take(parts, order),
    release: (right) => release(parts, right),
    giveBack: (right, former, isUnused) => giveBack(parts, right, former, isUnused),
    hasTried: (right, former) => hasTriedFor(parts, right, former),
    recordInSync: (right, copy) => recordInSync(parts, right, copy),
    inSync: (right) => inSyncOf(parts.memories.of(right.dataset), right),
    async newestTried(dataset) {
      const memory = parts.memories.of(dataset);
      const isKnown = () => lastLeases(memory.watch, voters.membership()).length === 1;
      await readAll(parts, memory, isKnown);
      return triedAt(parts, memory);
    },
    watch(datasets) {
      group.tend();
      watchAll(parts, datasets);
    },
    look: () => look(parts),
  };
}

/** What this agent holds it hears of with each renewal; the rest it has to look at (V2). */
function watchAll(parts: LeaseParts, datasets: readonly DatasetId[]): void {
  const nowMs = parts.clock.bootMs();
  for (const dataset of datasets) {
    const memory = parts.memories.of(dataset);
    const sinceMs = nowMs - (memory.watchedAtMs ?? Number.NEGATIVE_INFINITY);
    if (memory.held !== undefined || sinceMs < renewLeaseEveryMs(parts.leaseMs)) continue;
    memory.watchedAtMs = nowMs;
    void readAll(parts, memory, () => false);
  }
}

/** The next generation is above it, and of the membership that is known here. */
function triedAt({ voters }: LeaseParts, { watch }: LeaseMemory): Generation {
  const tried = newestTried([...watch.values()].map(({ record }) => record));
  return newestGeneration([tried, startOfMembership(voters.membership().generation)]);
}

/**
 * Where no lease stands at a majority, as when a voter's store was put back in time, the newest
 * that somebody shows is told of: whoever plans a takeover has to go above it.
 */
function newestShown(watch: RecordWatch, voters: readonly VoterName[]): VoteRecord | undefined {
  return voters
    .flatMap((voter) => watch.get(voter)?.record ?? [])
    .toSorted((left, right) => right.generation - left.generation)[0];
}

function look(parts: LeaseParts): VotesReport {
  const { voters, memories, clock, leaseMs } = parts;
  const quorumMs = voters.quorumMs();
  const reports = voters.reports();
  const silent = new Set(reports.flatMap(({ voter, isSilent }) => (isSilent ? [voter] : [])));
  // What a silent voter showed may have been replaced since.
  const heardNow = (watch: RecordWatch) => new Map([...watch].filter(([at]) => !silent.has(at)));
  return {
    membership: voters.membership(),
    heard: voters.heard(),
    ...(quorumMs === undefined ? {} : { quorumMs }),
    voters: reports,
    leases: memories.all().flatMap((memory) => {
      const { dataset, watch } = memory;
      const lease = lastLeases(watch, voters.membership())[0] ?? newestShown(watch, voters.names);
      if (lease === undefined) return [];
      const { holder, generation } = lease;
      const count = countLease(
        { dataset, holder, generation, leaseMs },
        { voters: voters.names, watch },
      );
      const shown = [...watch].filter(([, { record }]) => isOfLease(record, lease));
      const sinceMs = Math.min(...shown.map(([, { leaseSinceMs }]) => leaseSinceMs));
      const heard = { voters: voters.names, watch: heardNow(watch) };
      const inSync = recordedInSync(lease, heard);
      const passedAt = passedAtMs(lease, heard);
      return [
        {
          dataset,
          holder,
          generation,
          count,
          tried: triedAt(parts, memory),
          heldMs: Math.max(0, clock.bootMs() - sinceMs),
          ...(passedAt === undefined ? {} : { passedMs: clock.bootMs() - passedAt }),
          renewedAt: shown.flatMap(([voter, { isRenewed }]) => (isRenewed ? [voter] : [])),
          ...(inSync && { inSync }),
        },
      ];
    }),
  };
}
