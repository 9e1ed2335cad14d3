import { poolRecordOf } from '../../agent/decision.ts';
import { quoteWhenOff } from '../../dataset/history/loss.ts';
import {
  type CopyPlace,
  copyAt,
  knownRecord,
  placeOf,
  quoteOf,
  siteOf,
} from '../../dataset/move/copy-places.ts';
import {
  alternatives,
  chooseTarget,
  type PlannedMove,
  planMove,
} from '../../dataset/move/plan-move.ts';
import { offBy, planFencings } from '../../fencing/demand-off.ts';
import { nextGeneration, noGeneration } from '../../generation.ts';
import type { PoolName, SiteName } from '../../ids.ts';
import { type Finding, judgedPlan, type Planned, type RunRequest } from '../../run/run-request.ts';
import type { Inventory } from '../../topology/inventory.ts';
import { namesLike } from '../../topology/nearest-name.ts';
import type { Dataset, Pool, Topology } from '../../topology/topology.ts';
import { checkPoolPlan } from '../check/check-plan.ts';
import { refusal } from '../check/finding.ts';
import { planLimits } from './plan-limits.ts';
import { nextPoolState, servingSide } from '../pool-lifecycle.ts';
import { planHydrations } from './plan-hydrations.ts';
import type { PlannedHydration, PoolPlan, SeenCopy } from './pool-plan.ts';
import type { PoolRecord, PoolState } from '../pool-record.ts';
import { poolSteps } from './pool-steps.ts';

export type SwitchDirection = 'failover' | 'failback';

type Sides = {
  readonly home: Pool;
  readonly backup: Pool;
  readonly from: Pool;
  readonly to: Pool;
  readonly site: SiteName;
};

/** Plans the move of a pool's datasets to its backup, or home again. Pure. */
export function planPoolSwitch(
  inventory: Inventory,
  request: RunRequest,
  direction: SwitchDirection,
): Planned<PoolPlan> {
  const sides = findSides(inventory.topology, request.pool, direction);
  if (!('home' in sides)) return { findings: [sides] };
  const current = poolRecordOf(inventory.decisions, sides.home.name);
  const records = planRecords(current, sides, direction);
  if (!('passing' in records)) return { findings: [records] };
  const datasets = inventory.topology.datasets.filter(({ pool }) => pool === sides.home.name);
  const placed = datasets.map((dataset) => placeDataset(inventory, dataset, { sides, request }));
  const obstacles = placed.filter((each): each is Finding => 'severity' in each);
  if (obstacles.length > 0) return { findings: obstacles };
  const plan = assemblePlan(inventory, request, {
    direction,
    sides,
    records,
    placed: placed.filter((each): each is Placed => !('severity' in each)),
  });
  const findings = checkPoolPlan(plan, inventory, request);
  return judgedPlan(plan, findings);
}

function findSides(
  topology: Topology,
  name: PoolName | undefined,
  direction: SwitchDirection,
): Sides | Finding {
  const home = topology.pools.find((pool) => pool.name === name);
  if (home === undefined) {
    const pools = topology.pools.map((pool) => pool.name);
    const asked = name ?? '(none named)';
    const known = namesLike(asked, pools);
    return refusal('unknownPool', `there is no pool ${asked}; there is: ${known}`);
  }
  const backup = topology.pools.find((pool) => pool.name === home.backupPool);
  if (backup === undefined) {
    return refusal('noBackupPool', `pool ${home.name} has no backup pool in the topology`);
  }
  const [from, to] = direction === 'failover' ? [home, backup] : [backup, home];
  const server = to.servers[0];
  if (server === undefined) return refusal('noServer', `pool ${to.name} has no server`);
  return { home, backup, from, to, site: siteOf(topology, server) };
}

function planRecords(
  current: PoolRecord | undefined,
  { home, backup, from, to }: Sides,
  direction: SwitchDirection,
): PoolPlan['records'] | Finding {
  const state = current?.state ?? 'active';
  const passing = nextPoolState(state, `${direction}Ordered`);
  if (passing === undefined) return wrongState(home.name, direction);
  const first = nextGeneration(current?.generation ?? noGeneration);
  const record = (next: PoolState, step: number, why: string): PoolRecord => ({
    kind: 'pool',
    pool: home.name,
    generation: step === 0 ? first : nextGeneration(first),
    state: next,
    serving: servingSide(next) === 'home' ? home.name : backup.name,
    why,
  });
  const [done, undone]: readonly [PoolState, PoolState] =
    direction === 'failover' ? ['failedOver', 'active'] : ['active', 'failedOver'];
  return {
    ...(current === undefined ? {} : { current }),
    passing: record(passing.to, 0, `the ${direction} from ${from.name} to ${to.name} has begun`),
    final: record(done, 1, `${to.name} serves the users of ${home.name}`),
    aborted: record(undone, 1, `the ${direction} did not happen; ${from.name} serves again`),
  };
}

function wrongState(pool: PoolName, direction: SwitchDirection): Finding {
  return direction === 'failover'
    ? refusal(
        'alreadyFailedOver',
        `pool ${pool} is failed over already; the way home is: understudy pool failback ${pool}`,
      )
    : refusal(
        'notFailedOver',
        `pool ${pool} is not failed over, so there is nothing to bring home`,
      );
}

/** A dataset that moves, or one that is on the right side already. */
type Placed = {
  readonly move?: PlannedMove;
  readonly place: CopyPlace;
  readonly hydrations: readonly PlannedHydration[];
  readonly seen: SeenCopy;
};

function placeDataset(
  inventory: Inventory,
  dataset: Dataset,
  { sides, request }: { readonly sides: Sides; readonly request: RunRequest },
): Placed | Finding {
  const { topology } = inventory;
  const record = knownRecord(inventory, dataset.name);
  if (record === undefined) {
    return refusal(
      'noActiveRecord',
      `nobody who answers knows which copy of ${dataset.name} is active`,
    );
  }
  const active = placeOf(topology, record.active);
  const isThere = siteOf(topology, active.server) === sides.site;
  const target = chooseTarget(inventory, record, { site: sides.site, mode: request.mode });
  const to = isThere ? active : target.to;
  if (to === undefined) {
    return refusal('noCopyAtTarget', `${dataset.name} has no copy in site ${sides.site}`);
  }
  const how = request.mode === 'forced' ? 'forced' : 'handOver';
  const lag = copyAt(inventory, dataset.name, to.store)?.lag;
  const quote = request.mode === 'forced' ? quoteOf(inventory, dataset.name, to.store) : undefined;
  const source = { dataset: dataset.name, ...active };
  const worded = quote && quoteWhenOff(quote, offBy(inventory, source, request));
  return {
    ...(isThere ? {} : { move: planMove(inventory, record, { to, how }) }),
    place: to,
    hydrations: planHydrations(inventory, {
      home: sides.home,
      dataset: dataset.name,
      servers: sides.to.servers,
      holder: to.server,
    }),
    seen: {
      dataset: dataset.name,
      store: to.store,
      ...(lag === undefined ? {} : { lag }),
      ...(worded === undefined ? {} : { quote: worded }),
      ...(isThere ? {} : alternatives(target.choice, to)),
    },
  };
}

function assemblePlan(
  inventory: Inventory,
  request: RunRequest,
  parts: {
    readonly direction: SwitchDirection;
    readonly sides: Sides;
    readonly records: PoolPlan['records'];
    readonly placed: readonly Placed[];
  },
): PoolPlan {
  const { topology, topologyHash } = inventory;
  const { mode } = request;
  const { sides, records, placed, direction } = parts;
  const moves = placed.flatMap(({ move }) => (move === undefined ? [] : [move]));
  const leader = placed[0]?.place.server ?? sides.to.servers[0];
  if (leader === undefined) throw new Error(`pool ${sides.to.name} has no server`);
  const further = moves.flatMap(({ furtherCopies }) => furtherCopies.map(({ server }) => server));
  const stores = moves.flatMap(({ from, to }) => [from.server, to.server]);
  const sources = moves.map(({ dataset, from }) => ({ dataset, ...from }));
  const fencings = mode === 'forced' ? planFencings(inventory, sources, request) : [];
  const servers = [...sides.to.servers, ...sides.from.servers, ...stores, ...further];
  const plan: Omit<PoolPlan, 'steps'> = {
    runbook: `pool-${direction}`,
    mode,
    subject: `pool:${sides.home.name}`,
    leader,
    topologyHash,
    pool: sides.home.name,
    from: { pool: sides.from.name, servers: sides.from.servers },
    to: { pool: sides.to.name, servers: sides.to.servers },
    moves,
    ...(fencings.length === 0 ? {} : { fencings }),
    hydrations: placed.flatMap(({ hydrations }) => hydrations),
    servers: [...new Set(servers)],
    records,
    limits: planLimits(topology.limits),
    seen: placed.map(({ seen }) => seen),
  };
  return { ...plan, steps: poolSteps(plan) };
}
