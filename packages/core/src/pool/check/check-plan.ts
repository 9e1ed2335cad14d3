import { checkSource } from './check-source.ts';
import { isUnfinished, newestRuns } from '../../run/newest-runs.ts';
import { majorityOf } from '../../quorum/count-votes.ts';
import { checkTarget } from './check-target.ts';
import { copyAt, placeOf } from '../../dataset/move/copy-places.ts';
import { refusal, warning } from './finding.ts';
import type { MovesPlan, PoolPlan } from '../plan/pool-plan.ts';
import type { ServerName } from '../../ids.ts';
import type { Finding, RunRequest } from '../../run/run-request.ts';
import type { Inventory } from '../../topology/inventory.ts';

// What can be wrong with a plan. Every code is stable and explained in docs/operating.

/** Findings of a pool's failover or failback; empty when all is well. */
export function checkPoolPlan(
  plan: PoolPlan,
  inventory: Inventory,
  request: RunRequest,
): readonly Finding[] {
  return [
    ...checkMovesPlan(plan, inventory, request),
    ...checkStaying(plan, inventory),
    ...checkRunning(plan, inventory),
    ...checkRoom(plan, inventory),
  ];
}

/** Findings of any plan that moves datasets. */
export function checkMovesPlan(
  plan: MovesPlan,
  inventory: Inventory,
  request: RunRequest,
): readonly Finding[] {
  return [
    ...checkTopologyHashes(inventory),
    ...checkOtherRuns(plan, inventory),
    ...checkServers(plan, inventory),
    ...checkMajority(plan, inventory),
    ...plan.moves.flatMap((move) => [
      ...checkSource(move, inventory, request),
      ...checkTarget(move, inventory, request),
    ]),
  ];
}

/** A run refuses unequal topologies (decisions/0006). */
export function checkTopologyHashes({ reports, topologyHash }: Inventory): readonly Finding[] {
  return reports
    .filter((report) => report.topologyHash !== topologyHash)
    .map(({ server }) =>
      refusal(
        'topologyDiffers',
        `the topology file of ${server} is another one than this server's; ` +
          'make them equal and start the agents again',
      ),
    );
}

/** One unfinished run per subject, and none that touches the same datasets from another side. */
export function checkOtherRuns(
  plan: {
    readonly subject: string;
    readonly pool?: string;
    readonly servers: readonly ServerName[];
  },
  { reports }: Inventory,
): readonly Finding[] {
  const subjects = new Set<string>([plan.subject, ...plan.servers.map((name) => `server:${name}`)]);
  const unfinished = new Map(
    newestRuns(reports.flatMap(({ runs }) => runs))
      .filter(isUnfinished)
      .filter(({ subject }) => subjects.has(subject))
      .map((run) => [run.id, run]),
  );
  return [...unfinished.values()].map((run) =>
    refusal(
      'otherRunUnfinished',
      `run ${run.id} (${run.runbook} of ${run.subject}) is not finished; wait for it, or: ` +
        `understudy run resume ${run.id}, understudy run cancel ${run.id}`,
    ),
  );
}

/**
 * Planned moves need the servers whose stores take part; forced ones only the target's. Of several
 * servers that share a pool the others go on without one that is off.
 */
function checkServers(plan: MovesPlan, inventory: Inventory): readonly Finding[] {
  const needed = new Set(plan.moves.map(({ to }) => to.server)).add(plan.leader);
  return plan.servers.flatMap((server) => {
    const silent = inventory.silent.find((each) => each.server === server);
    if (silent === undefined) return [];
    if (needed.has(server)) {
      const why = `${server} does not answer (${silent.why}), and it has to take over`;
      return [refusal('targetSilent', why)];
    }
    if (plan.mode === 'forced' || isFurther(plan, server)) {
      return [warning('partnerSilent', `${server} does not answer (${silent.why})`)];
    }
    return [refusal('partnerSilent', partnerSilentWhy(plan, server, silent.why))];
  });
}

/** Where votes say who may take over, a target that reaches too few voters would try in vain. */
function checkMajority({ moves }: MovesPlan, { reports }: Inventory): readonly Finding[] {
  const targets = new Set(moves.map(({ to }) => to.server));
  return reports.flatMap(({ server, votes }) => {
    if (!targets.has(server) || votes === undefined) return [];
    const { voters } = votes;
    const silent = voters.filter(({ isSilent }) => isSilent).map(({ voter }) => voter);
    if (voters.length - silent.length >= majorityOf(voters.length)) return [];
    const who = `${silent.join(' and ')} ${silent.length === 1 ? 'does' : 'do'} not answer`;
    const why = `${server} gets no majority of the ${voters.length} votes: ${who}`;
    return [refusal('noMajority', `${why}; where they are gone: understudy group restore`)];
  });
}

/** The pool's other side takes part where no dataset seems to move: it may know better. */
function isFurther(plan: MovesPlan | PoolPlan, server: ServerName): boolean {
  const isStaying = plan.moves.length === 0;
  if (isStaying && 'from' in plan && plan.from.servers.includes(server)) return false;
  return !plan.moves.some(({ from }) => from.server === server);
}

/**
 * A dataset that is there already is served from there at once, so it has to be mounted: a record
 * may be outdated, and the dataset be mounted where it went since.
 */
function checkStaying({ moves, seen }: PoolPlan, inventory: Inventory): readonly Finding[] {
  const moving = new Set(moves.map(({ dataset }) => dataset));
  return seen.flatMap(({ dataset, store }) => {
    if (moving.has(dataset)) return [];
    const { server } = placeOf(inventory.topology, store);
    if (inventory.silent.some((each) => each.server === server)) return [];
    const copy = copyAt(inventory, dataset, store);
    if (copy?.state === 'mounted') return [];
    const state = copy === undefined ? 'not there' : `${copy.state}: ${copy.why}`;
    const why = `${dataset} is active on ${store} already, and it is not mounted there (${state})`;
    return [refusal('notMountedThere', `${why}; first: understudy dataset mount ${dataset}`)];
  });
}

/** A dataset that is mounted where nobody runs is served to nobody. */
function checkRunning(plan: PoolPlan, { reports }: Inventory): readonly Finding[] {
  if (plan.steps.some(({ name }) => name === 'start-services')) return []; // They are started.
  return plan.hydrations.flatMap(({ server }) => {
    const { roles = [] } = reports.find((each) => each.server === server) ?? {};
    return roles.flatMap(({ role, stopped }) => {
      if (stopped === undefined) return [];
      const why = `the ${role} of ${server} has to take over and is kept stopped (${stopped})`;
      return [refusal('servicesStopped', `${why}; first: understudy services start ${server}`)];
    });
  });
}

function partnerSilentWhy(plan: MovesPlan, server: ServerName, why: string): string {
  const command = plan.runbook.replace('pool-', 'pool ');
  const todo =
    plan.runbook === 'dataset-move'
      ? 'start its agent, or, when it is off, add --force'
      : `start its agent, or, when it is off: understudy ${command} ${plan.pool} --force`;
  return `${server} does not answer (${why}), and a planned move needs it; ${todo}`;
}

/** The serving pool has room for its own users and its partner's. */
function checkRoom(plan: PoolPlan, { topology }: Inventory): readonly Finding[] {
  if (plan.runbook !== 'pool-failover') return [];
  const home = topology.pools.find(({ name }) => name === plan.from.pool);
  const backup = topology.pools.find(({ name }) => name === plan.to.pool);
  if (home === undefined || backup === undefined) return [];
  const needed = home.users + backup.users;
  if (needed <= backup.userCapacity) return [];
  return [
    refusal(
      'noRoom',
      `pool ${backup.name} can serve ${backup.userCapacity} users, not its own ${backup.users} ` +
        `and the ${home.users} of ${home.name}`,
    ),
  ];
}
