import { counted, routingGroupsOf } from '@understudy/core';
import { withTimeout } from '@understudy/ports';
import type { Hands } from '../mount/open-mount.ts';
import type { LocalLook } from '../observe/look-here.ts';

/**
 * Loads routing groups that are mounted here and that no role has: after a remount, and after the
 * roles' process was started again. A run's own hydration finds them loaded, or loads them first.
 */
export async function hydrateMissing(
  { parts, memory, assigner }: Hands,
  look: LocalLook,
): Promise<readonly string[]> {
  const loaded = new Set(look.roles.flatMap((role) => role.pools).flatMap(({ groups }) => groups));
  if (look.roles.every(({ isUp }) => !isUp)) return [];
  const said: string[] = [];
  // An adopted mount is the roles' to serve once it is renewed.
  const held = [...memory.mounts.values()].filter((mount) => mount.deadlineMs > look.atBootMs);
  for (const dataset of held.map((mount) => mount.dataset).sort()) {
    const pool = parts.topology.pools.find(
      ({ name }) => name === parts.topology.datasets.find((each) => each.name === dataset)?.pool,
    );
    const groups = pool === undefined ? [] : routingGroupsOf(pool);
    const missing = groups.filter((group) => !loaded.has(group));
    if (missing.length === 0) continue;
    // Roles that were just started have heard of no mount yet.
    if ((await assigner.assign()) !== undefined) return said;
    const bound = { ms: parts.topology.limits.orderTimeoutMs, what: `hydrating ${dataset}` };
    await withTimeout(parts.clock, bound, () => parts.roles.hydrate({ dataset, groups: missing }));
    said.push(`hydrated ${counted(missing.length, 'routing group')} of ${dataset}`);
  }
  return said;
}
