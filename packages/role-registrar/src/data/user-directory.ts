import type { RoutingGroupName } from '@understudy/core';
import { findUser, type KnownUser, knownUserOf, loadGroup, type UserRow } from './known-user.ts';
import type { Database } from './open-database.ts';

export type GroupCount = { readonly group: RoutingGroupName; readonly users: number };

/** Users of one mounted dataset in memory, under a bound; another generation starts empty. */
export type UserDirectory = {
  /** The user as read at most `ageMsMax` ago; undefined when there is none of that name. */
  find(name: string, ageMsMax: number): Promise<KnownUser | undefined>;
  /** Loads whole groups and counts them; from then on their users are served. */
  hydrate(groups: readonly RoutingGroupName[]): Promise<readonly GroupCount[]>;
  isHydrated(group: RoutingGroupName): boolean;
  hydrated(): readonly RoutingGroupName[];
  forget(name: string): void;
  /** Throws everything away; groups must be hydrated again. */
  reset(): void;
};

export type UserDirectoryOptions = {
  readonly database: Database;
  readonly realm: string;
  /** Milliseconds since whenever: only ages of what is remembered are told by it. */
  readonly clockMs: () => number;
  readonly usersMax: number;
};
type Entry = { readonly user: KnownUser; readonly readAtMs: number };

const pageRows = 5_000;

export function createUserDirectory(options: UserDirectoryOptions): UserDirectory {
  const { database, realm, clockMs, usersMax } = options;
  const entries = new Map<string, Entry>();
  const groupsHere = new Set<RoutingGroupName>();
  const keep = (user: KnownUser) => {
    entries.delete(user.name);
    entries.set(user.name, { user, readAtMs: clockMs() });
    const [oldest] = entries.keys(); // A Map keeps the order of insertion.
    if (entries.size > usersMax && oldest !== undefined) entries.delete(oldest);
  };
  const hydrateGroup = async (group: RoutingGroupName): Promise<GroupCount> => {
    let [users, after] = [0, ''];
    for (;;) {
      const rows = await database.read<UserRow>(loadGroup, [realm, group, after, pageRows]);
      for (const row of rows) keep(knownUserOf(row));
      users += rows.length;
      // Ends: each page begins behind the last name of the one before.
      if (rows.length < pageRows) break;
      after = rows.at(-1)?.name ?? after;
    }
    groupsHere.add(group);
    return { group, users };
  };
  return {
    find: async (name, ageMsMax) => {
      const entry = entries.get(name);
      if (entry !== undefined && clockMs() - entry.readAtMs <= ageMsMax) return entry.user;
      const [row] = await database.read<UserRow>(findUser, [realm, name]);
      if (row === undefined) {
        entries.delete(name);
        return undefined;
      }
      const user = knownUserOf(row);
      keep(user);
      return user;
    },
    hydrate: async (groups) => {
      const counts: GroupCount[] = [];
      for (const group of groups) counts.push(await hydrateGroup(group));
      return counts;
    },
    isHydrated: (group) => groupsHere.has(group),
    hydrated: () => [...groupsHere].sort(),
    forget: (name) => {
      entries.delete(name);
    },
    reset: () => {
      entries.clear();
      groupsHere.clear();
    },
  };
}
