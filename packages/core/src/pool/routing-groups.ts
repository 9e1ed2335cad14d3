import { asRoutingGroup, type PoolName, type RoutingGroupName } from '../ids.ts';

// A routing group is a fixed slice of a pool's users, by the hash of the user's name alone: the
// number of groups is fixed at the pool's birth, so a user never changes groups.

export type GroupedPool = { readonly name: PoolName; readonly routingGroups: number };

/** The names of all groups of a pool, e.g. `east-rg1` to `east-rg8`. */
export function routingGroupsOf({ name, routingGroups }: GroupedPool): readonly RoutingGroupName[] {
  return Array.from({ length: routingGroups }, (_, index) => groupName(name, index));
}

/** The group that a user belongs to. Names are compared as SIP users are: case counts. */
export function routingGroupOfUser(pool: GroupedPool, user: string): RoutingGroupName {
  return groupName(pool.name, fnv1a(user) % pool.routingGroups);
}

function groupName(pool: PoolName, index: number): RoutingGroupName {
  return asRoutingGroup(`${pool}-rg${index + 1}`);
}

/** FNV-1a, 32 bits (draft-eastlake-fnv-21), over the UTF-16 code units' two bytes each. */
function fnv1a(text: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index++) {
    const unit = text.charCodeAt(index);
    for (const byte of [unit & 0xff, unit >>> 8]) hash = Math.imul(hash ^ byte, 0x01000193) >>> 0;
  }
  return hash;
}
