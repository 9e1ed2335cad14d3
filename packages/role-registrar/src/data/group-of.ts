import { type GroupedPool, routingGroupOfUser, type RolePool } from '@understudy/core';
import type { ServedDataset } from '../limited/served-dataset.ts';

/** By the name alone, so that it is the same whether such a user exists or not. */
export function groupOf(name: string, pool: RolePool, { mount }: ServedDataset) {
  return routingGroupOfUser(groupedPool(pool, mount.routingGroups.length), name);
}

function groupedPool(pool: RolePool, mountGroups: number): GroupedPool {
  return { name: pool.pool, routingGroups: pool.routingGroups ?? Math.max(1, mountGroups) };
}
