import {
  countLease,
  type DatasetId,
  newestTried,
  possibleLeases,
  renewLeaseEveryMs,
  type VotesReport,
} from '@understudy/core';
import type { Chance, Clock, MountRight, VoteStore } from '@understudy/ports';
import { createVoters } from './ask-voters.ts';
import { LeaseMemories } from './lease-memory.ts';
import { type LeaseParts, readAll } from './lease-parts.ts';
import { validFor } from './renew-lease.ts';
import { giveBack, release, take } from './take-lease.ts';

/** A voter that does not answer within this part of the lease time counts as silent. */
const answersPerLease = 6;

/** The right to mount as voters grant it: leases (decisions/0029, 0031). */
export function createLeaseRight(options: {
  readonly voters: readonly VoteStore[];
  readonly leaseMs: number;
  readonly clock: Clock;
  readonly chance: Chance;
}): MountRight {
  const { leaseMs, clock, chance } = options;
  const answerMs = leaseMs / answersPerLease;
  const voters = createVoters({ all: options.voters, clock, answerMs });
  const parts: LeaseParts = { voters, memories: new LeaseMemories(clock), clock, chance, leaseMs };
  return {
    isVoted: true,
    validForMs: (right) => validFor(parts, right),
    take: (order) => take(parts, order),
    release: (right) => release(parts, right),
    giveBack: (right, former) => giveBack(parts, right, former),
    async newestTried(dataset) {
      const memory = parts.memories.of(dataset);
      await readAll(parts, memory, () => possibleLeases(memory.watch, voters.names).length === 1);
      return newestTried([...memory.watch.values()].map(({ record }) => record));
    },
    watch: (datasets) => watchAll(parts, datasets),
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

function look({ voters, memories, leaseMs }: LeaseParts): VotesReport {
  return {
    voters: voters.reports(),
    leases: memories.all().flatMap(({ dataset, watch }) => {
      const records = [...watch.values()].map(({ record }) => record);
      const [lease] = possibleLeases(watch, voters.names);
      if (lease === undefined) return [];
      const { holder, generation } = lease;
      const count = countLease(
        { dataset, holder, generation, leaseMs },
        { voters: voters.names, watch },
      );
      return [{ dataset, holder, generation, count, tried: newestTried(records) }];
    }),
  };
}
