import type { RoutingGroupName } from '@understudy/core';
import { findUser, type KnownUser, knownUserOf, loadGroup, type UserRow } from './known-user.ts';
import type { Database } from './open-database.ts';
import { createUserMemory } from './user-memory.ts';

export type GroupCount = { readonly group: RoutingGroupName; readonly users: number };

/**
 * Users of one dataset in memory, under a bound; another generation starts empty, or with what was
 * read ahead of its mount.
 *
 * U1. A user who was read before the mount is read again before anything is answered by it: what
 *     the former active copy wrote last may have come after.
 * U2. A read that began before a user was changed here is not remembered: it shows the past.
 * U3. A group that was loaded holds whom the copy holds: who is gone there is gone here.
 */
export type UserDirectory = {
  /** The user as read at most `ageMsMax` ago; undefined when there is none of that name. */
  find(name: string, ageMsMax: number): Promise<KnownUser | undefined>;
  /** Loads whole groups and counts them; from then on their users are served. */
  hydrate(groups: readonly RoutingGroupName[]): Promise<readonly GroupCount[]>;
  isHydrated(group: RoutingGroupName): boolean;
  hydrated(): readonly RoutingGroupName[];
  /** The copy is mounted now: nothing that was read before counts without another look (U1). */
  mounted(): void;
  /** Groups that were loaded before the mount, and not since. */
  readAhead(): readonly RoutingGroupName[];
  /** These are another server's from now on: what was loaded of them counts no more. */
  release(groups: readonly RoutingGroupName[]): void;
  forget(name: string): void;
  /** Throws everything away; groups must be hydrated again. */
  reset(): void;
};

export type UserDirectoryOptions = {
  readonly database: Pick<Database, 'read'>;
  readonly realm: string;
  /** Milliseconds since whenever: only ages of what is remembered are told by it. */
  readonly clockMs: () => number;
  readonly usersMax: number;
};

const pageRows = 5_000;

export function createUserDirectory(options: UserDirectoryOptions): UserDirectory {
  const { database, realm } = options;
  const users = createUserMemory(options);
  /** Groups that were loaded, with the number of the read that began it. */
  const groupsHere = new Map<RoutingGroupName, number>();
  const loadPage = (group: RoutingGroupName, after: string) =>
    users.reading(async (keep) => {
      const rows = await database.read<UserRow>(loadGroup, [realm, group, after, pageRows]);
      for (const row of rows) keep(knownUserOf(row));
      return rows;
    });
  const hydrateGroup = async (group: RoutingGroupName): Promise<GroupCount> => {
    const before = users.reads();
    let [count, after] = [0, ''];
    for (;;) {
      const rows = await loadPage(group, after);
      count += rows.length;
      // Ends: each page begins behind the last name of the one before.
      if (rows.length < pageRows) break;
      after = rows.at(-1)?.name ?? after;
    }
    groupsHere.set(group, before);
    return { group, users: count };
  };
  return {
    find: async (name, ageMsMax) => {
      const known = users.get(name, ageMsMax);
      if (known !== undefined) return known;
      return await users.reading(async (keep) => {
        const [row] = await database.read<UserRow>(findUser, [realm, name]);
        if (row === undefined) {
          users.drop(name);
          return undefined;
        }
        const user = knownUserOf(row);
        keep(user);
        return user;
      });
    },
    hydrate: async (groups) => {
      const before = users.reads();
      const counts: GroupCount[] = [];
      for (const group of groups) counts.push(await hydrateGroup(group));
      users.dropUnread(new Set(groups), before);
      return counts;
    },
    isHydrated: (group) => groupsHere.has(group),
    hydrated: () => [...groupsHere.keys()].sort(),
    mounted: () => users.distrust(),
    readAhead: () => [...groupsHere].flatMap(([group, at]) => (users.isTrusted(at) ? [] : [group])),
    release: (groups) => {
      for (const group of groups) groupsHere.delete(group);
    },
    forget: (name) => users.forget(name),
    reset: () => {
      users.reset();
      groupsHere.clear();
    },
  };
}
