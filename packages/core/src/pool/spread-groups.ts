import type { RoutingGroupName, ServerName } from '../ids.ts';

/** Which routing groups a server owns. */
export type OwnedGroups = {
  readonly server: ServerName;
  readonly groups: readonly RoutingGroupName[];
};

export type Spreading = {
  readonly groups: readonly RoutingGroupName[];
  /** Who may own any now, in the topology's order. */
  readonly servers: readonly ServerName[];
  /** Who owned them until now. */
  readonly before: readonly OwnedGroups[];
};

/**
 * Spreads routing groups over servers: each group has one owner, no server has two more than
 * another, and a group moves only where its owner is gone or has more than its share. No servers,
 * no owners.
 */
export function spreadGroups(spreading: Spreading): readonly OwnedGroups[] {
  const { groups, servers } = spreading;
  const kept = servers.map((server) => keptBy(server, spreading));
  const shares = sharesOf(kept, groups.length);
  const owned = kept.map((each, index) => each.slice(0, shares[index]));
  const taken = new Set(owned.flat());
  const free = groups.filter((group) => !taken.has(group));
  return servers.map((server, index) => {
    const own = owned[index] ?? [];
    const more = free.splice(0, (shares[index] ?? 0) - own.length);
    const all = new Set([...own, ...more]);
    return { server, groups: groups.filter((group) => all.has(group)) };
  });
}

function keptBy(server: ServerName, { groups, before }: Spreading): readonly RoutingGroupName[] {
  const had = new Set(before.find((each) => each.server === server)?.groups);
  return groups.filter((group) => had.has(group));
}

/** The larger shares go to those who have the most already: fewest groups move. */
function sharesOf(kept: readonly (readonly unknown[])[], count: number): readonly number[] {
  const least = Math.floor(count / Math.max(1, kept.length));
  const larger = count - least * kept.length;
  const most = kept
    .map(({ length }, index) => ({ length, index }))
    .toSorted((left, right) => right.length - left.length || left.index - right.index)
    .slice(0, larger)
    .map(({ index }) => index);
  return kept.map((_, index) => least + (most.includes(index) ? 1 : 0));
}

/** Whether two spreads say the same, in whatever order. */
export function isSameSpread(left: readonly OwnedGroups[], right: readonly OwnedGroups[]): boolean {
  const textOf = (spread: readonly OwnedGroups[]) =>
    spread
      .flatMap(({ server, groups }) => groups.map((group) => `${group} ${server}`))
      .toSorted()
      .join();
  return textOf(left) === textOf(right);
}
