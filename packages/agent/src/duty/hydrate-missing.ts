import { counted, type RoutingGroupName, routingGroupsOf } from '@understudy/core';
import { withTimeout } from '@understudy/ports';
import type { HeldMount } from '../agent-memory.ts';
import type { Hands } from '../mount/open-mount.ts';
import type { LocalLook } from '../observe/look-here.ts';
import { decideOwners } from '../supervise/decide-owners.ts';

/**
 * Loads routing groups that are mounted here and that no role has: after a remount, and after the
 * roles' process was started again. A run's own hydration finds them loaded, or loads them first.
 */
export async function hydrateMissing(hands: Hands, look: LocalLook): Promise<readonly string[]> {
  const { parts, memory, assigner } = hands;
  const loaded = new Set(look.roles.flatMap((role) => role.pools).flatMap(({ groups }) => groups));
  if (look.roles.every(({ isUp }) => !isUp)) return [];
  const said: string[] = [];
  // An adopted mount is the roles' to serve once it is renewed.
  const held = [...memory.mounts.values()].filter((mount) => mount.deadlineMs > look.atBootMs);
  for (const mount of held.toSorted((left, right) => (left.dataset < right.dataset ? -1 : 1))) {
    const { dataset } = mount;
    const missing = groupsOwned(hands, mount).filter((group) => !loaded.has(group));
    if (missing.length === 0) continue;
    // Roles that were just started have heard of no mount yet.
    if ((await assigner.assign()) !== undefined) return said;
    const bound = { ms: parts.topology.limits.orderTimeoutMs, what: `hydrating ${dataset}` };
    await withTimeout(parts.clock, bound, () => parts.roles.hydrate({ dataset, groups: missing }));
    said.push(`hydrated ${counted(missing.length, 'routing group')} of ${dataset}`);
  }
  return said;
}

/** Those of the other servers of the pool are loaded by their own roles. */
function groupsOwned({ parts, memory }: Hands, held: HeldMount): readonly RoutingGroupName[] {
  const { topology, server } = parts;
  const owners = decideOwners(parts, memory, held);
  if (owners !== undefined) {
    return owners.owned.find((each) => each.server === server)?.groups ?? [];
  }
  const home = topology.datasets.find(({ name }) => name === held.dataset)?.pool;
  const pool = topology.pools.find(({ name }) => name === home);
  return pool === undefined ? [] : routingGroupsOf(pool);
}
