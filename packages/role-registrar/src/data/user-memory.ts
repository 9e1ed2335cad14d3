import type { RoutingGroupName } from '@understudy/core';
import type { KnownUser } from './known-user.ts';

type Entry = { readonly user: KnownUser; readonly readAtMs: number; readonly read: number };
export type Keep = (user: KnownUser) => void;

/** Users with the read that each comes from; reads are numbered as they begin. */
export type UserMemory = {
  /** The user, unless read longer ago than this or before the mount. */
  get(name: string, ageMsMax: number): KnownUser | undefined;
  /** Does `read`, which keeps users that nobody has changed since it began (U2). */
  reading<Result>(read: (keep: Keep) => Promise<Result>): Promise<Result>;
  /** Reads that have begun. */
  reads(): number;
  drop(name: string): void;
  /** Drops users of these groups who were not read after the first `reads` reads (U3). */
  dropUnread(groups: ReadonlySet<RoutingGroupName>, reads: number): void;
  /** Drops a user, also out of reads that go on. */
  forget(name: string): void;
  /** All that was read until now counts no more (U1). */
  distrust(): void;
  /** What was begun after so many reads counts. */
  isTrusted(reads: number): boolean;
  reset(): void;
};

export function createUserMemory(options: {
  readonly clockMs: () => number;
  readonly usersMax: number;
}): UserMemory {
  const { clockMs, usersMax } = options;
  const entries = new Map<string, Entry>();
  /** Users changed while something is read, with the number of the last read before. */
  const changed = new Map<string, number>();
  let [reads, going, distrusted] = [0, 0, 0];
  const keep = (user: KnownUser, read: number): void => {
    if (read <= distrusted || read <= (changed.get(user.name) ?? 0)) return;
    entries.delete(user.name);
    entries.set(user.name, { user, read, readAtMs: clockMs() });
    const [oldest] = entries.keys(); // A Map keeps the order of insertion.
    if (entries.size > usersMax && oldest !== undefined) entries.delete(oldest);
  };
  const distrust = (): void => {
    distrusted = reads;
  };
  return {
    get: (name, ageMsMax) => {
      const entry = entries.get(name);
      if (entry === undefined || entry.read <= distrusted) return undefined;
      return clockMs() - entry.readAtMs <= ageMsMax ? entry.user : undefined;
    },
    reading: async (work) => {
      reads += 1;
      going += 1;
      const read = reads;
      try {
        return await work((user) => keep(user, read));
      } finally {
        going -= 1;
        if (going === 0) changed.clear();
      }
    },
    reads: () => reads,
    drop: (name) => {
      entries.delete(name);
    },
    dropUnread: (groups, since) => {
      for (const [name, { user, read }] of entries) {
        if (read <= since && groups.has(user.group)) entries.delete(name);
      }
    },
    forget: (name) => {
      entries.delete(name);
      if (going > 0) changed.set(name, reads);
    },
    distrust,
    isTrusted: (since) => since >= distrusted,
    reset: () => {
      entries.clear();
      distrust();
    },
  };
}
