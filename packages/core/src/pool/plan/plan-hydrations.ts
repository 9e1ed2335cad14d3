import { serverRecordOf } from '../../agent/decision.ts';
import type { DatasetName, ServerName } from '../../ids.ts';
import type { Inventory } from '../../topology/inventory.ts';
import type { Pool } from '../../topology/topology.ts';
import { routingGroupsOf } from '../routing-groups.ts';
import { spreadGroups } from '../spread-groups.ts';
import type { PlannedHydration } from './pool-plan.ts';

export type HydrationAsked = {
  /** Whose users are loaded. */
  readonly home: Pool;
  readonly dataset: DatasetName;
  /** The servers of the pool that will serve them. */
  readonly servers: readonly ServerName[];
  /** Whose store will have the mount. */
  readonly holder: ServerName;
};

/**
 * Where each routing group is loaded once the dataset is mounted at `holder`: as that server's
 * agent will spread them, if nobody comes or goes until then.
 */
export function planHydrations(
  inventory: Inventory,
  { home, dataset, servers, holder }: HydrationAsked,
): readonly PlannedHydration[] {
  const groups = routingGroupsOf(home);
  const fit = servers.filter((server) => isFit(inventory, server));
  const owners = fit.length > 0 ? fit : [holder];
  const spread = spreadGroups({ groups, servers: owners, before: [] });
  return spread
    .filter((each) => each.groups.length > 0)
    .map(({ server, groups: own }) => ({
      pool: home.name,
      dataset,
      server,
      groups: own,
      ...(server === holder ? {} : { holder }),
    }));
}

function isFit({ reports, decisions }: Inventory, server: ServerName): boolean {
  const roles = reports.find((each) => each.server === server)?.roles ?? [];
  const isDrained = serverRecordOf(decisions, server)?.drained !== undefined;
  return !isDrained && roles.some(({ isUp }) => isUp);
}
