import { checkMovesPlan } from '../../pool/check/check-plan.ts';
import { demandSourceOff, offBy } from '../../fencing/demand-off.ts';
import { refusal } from '../../pool/check/finding.ts';
import { planLimits } from '../../pool/plan/plan-limits.ts';
import { servingSide } from '../../pool/pool-lifecycle.ts';
import { planHydrations } from '../../pool/plan/plan-hydrations.ts';
import type { MovesPlan } from '../../pool/plan/pool-plan.ts';
import { moveSteps } from '../../pool/plan/pool-steps.ts';
import { poolRecordOf } from '../../agent/decision.ts';
import type { StoreName } from '../../ids.ts';
import { type Finding, judgedPlan, type Planned, type RunRequest } from '../../run/run-request.ts';
import type { Inventory } from '../../topology/inventory.ts';
import { namesLike } from '../../topology/nearest-name.ts';
import type { Dataset, Pool } from '../../topology/topology.ts';
import type { ActiveRecord } from '../history/active-record.ts';
import { quoteWhenOff } from '../history/loss.ts';
import { type CopyChoice, chooseBestCopy } from './choose-best-copy.ts';
import { copyCandidates } from './copy-candidates.ts';
import { type CopyPlace, copyAt, knownRecord, placeOf, quoteOf, siteOf } from './copy-places.ts';
import { alternatives, planMove } from './plan-move.ts';

/** Plans the move of one dataset to another store of the site that serves, by force too. Pure. */
export function planDatasetMove(inventory: Inventory, request: RunRequest): Planned<MovesPlan> {
  const found = findMove(inventory, request);
  if ('severity' in found) return { findings: [found] };
  const plan = assemble(inventory, request, found);
  const findings = [
    ...checkMovesPlan(plan, inventory, request),
    ...checkWord(plan, inventory, request),
  ];
  return judgedPlan(plan, findings);
}

/** A site's fencing command would take the other copy along: here only a word says who is off. */
function checkWord(
  { moves, mode }: MovesPlan,
  inventory: Inventory,
  request: RunRequest,
): readonly Finding[] {
  if (mode !== 'forced') return [];
  return moves.flatMap(({ dataset, from, to }) => {
    if (demandSourceOff(inventory, { dataset, ...from }, request)?.by !== 'fencing') return [];
    const why = `the fencing command of its site would take ${to.server} along`;
    const todo = `make sure that ${from.server} is off and say so with --partner-is-off`;
    return [refusal('partnerMayBeOn', `${why}; ${todo}`)];
  });
}

type Found = {
  readonly dataset: Dataset;
  readonly pool: Pool;
  readonly record: ActiveRecord;
  readonly to: CopyPlace;
  /** Where nobody named a store. */
  readonly choice?: CopyChoice;
};

function findMove(inventory: Inventory, request: RunRequest): Found | Finding {
  const { topology } = inventory;
  const { toStore } = request;
  const dataset = topology.datasets.find(({ name }) => name === request.dataset);
  const pool = topology.pools.find(({ name }) => name === dataset?.pool);
  if (dataset === undefined || pool === undefined) {
    const name = request.dataset ?? '(none named)';
    const known = namesLike(
      name,
      topology.datasets.map((each) => each.name),
    );
    return refusal('unknownDataset', `there is no dataset ${name}; there is: ${known}`);
  }
  const record = knownRecord(inventory, dataset.name);
  if (record === undefined) {
    const why = `nobody who answers knows which copy of ${dataset.name} is active`;
    return refusal('noActiveRecord', why);
  }
  const found = { dataset, pool, record };
  if (toStore === undefined) return findBest(inventory, request, found);
  if (!dataset.copies.some(({ store }) => store === toStore)) return noSuchCopy(dataset, toStore);
  if (toStore === record.active) {
    return refusal('alreadyThere', `${dataset.name} is active on ${toStore} already`);
  }
  const to = placeOf(topology, toStore);
  return checkSite(inventory, { ...found, to });
}

/** Nobody named a store: the best copy of the site that serves. */
function findBest(
  inventory: Inventory,
  { mode }: RunRequest,
  found: Omit<Found, 'to'>,
): Found | Finding {
  const { topology } = inventory;
  const { dataset, pool, record } = found;
  const server = servingPool(inventory, pool)?.servers[0];
  const site = siteOf(topology, server ?? placeOf(topology, record.active).server);
  const candidates = copyCandidates(inventory, record, { site });
  const choice = chooseBestCopy({ record, candidates, mode });
  if (choice.chosen !== undefined)
    return { ...found, to: placeOf(topology, choice.chosen), choice };
  const why = choice.notChosen.map((each) => `${each.store}: ${each.why}`).join('; ');
  return refusal('noBestCopy', `no copy of ${dataset.name} in ${site} can take over (${why})`);
}

function noSuchCopy({ name, copies }: Dataset, toStore: StoreName): Finding {
  const known = copies.map(({ store }) => store).join(', ');
  return refusal('noCopyAtTarget', `${name} has no copy on ${toStore}; there is: ${known}`);
}

/** Users are served where the pool's state says, so its data stays in that site. */
function checkSite(inventory: Inventory, found: Found): Found | Finding {
  const { topology } = inventory;
  const { pool, to, dataset } = found;
  const serving = servingPool(inventory, pool);
  const isHome = serving === pool;
  const server = serving?.servers[0];
  if (server === undefined || siteOf(topology, server) === siteOf(topology, to.server)) {
    return found;
  }
  const command = `understudy pool ${isHome ? 'failover' : 'failback'} ${pool.name}`;
  const why = `${to.store} is not in the site that serves pool ${pool.name}`;
  return refusal('otherSite', `${why}; to move ${dataset.name} and its users there: ${command}`);
}

function servingPool({ topology, decisions }: Inventory, pool: Pool): Pool | undefined {
  const state = poolRecordOf(decisions, pool.name)?.state ?? 'active';
  if (servingSide(state) === 'home') return pool;
  return topology.pools.find(({ name }) => name === pool.backupPool);
}

function assemble(inventory: Inventory, request: RunRequest, found: Found): MovesPlan {
  const { dataset, pool, record, to, choice } = found;
  const { mode } = request;
  const move = planMove(inventory, record, { to, how: mode === 'forced' ? 'forced' : 'handOver' });
  const quote = mode === 'forced' ? quoteOf(inventory, dataset.name, to.store) : undefined;
  const source = { dataset: dataset.name, ...move.from };
  const worded = quote && quoteWhenOff(quote, offBy(inventory, source, request));
  const lag = copyAt(inventory, dataset.name, to.store)?.lag;
  const places = [to, move.from, ...move.furtherCopies];
  const { servers } = servingPool(inventory, pool) ?? pool;
  const plan: Omit<MovesPlan, 'steps'> = {
    runbook: 'dataset-move',
    mode,
    subject: `pool:${pool.name}`,
    leader: to.server,
    topologyHash: inventory.topologyHash,
    pool: pool.name,
    moves: [move],
    hydrations: planHydrations(inventory, {
      home: pool,
      dataset: dataset.name,
      servers,
      holder: to.server,
    }),
    servers: [...new Set(places.map(({ server }) => server))],
    limits: planLimits(inventory.topology.limits),
    seen: [
      {
        dataset: dataset.name,
        store: to.store,
        ...(lag === undefined ? {} : { lag }),
        ...(worded === undefined ? {} : { quote: worded }),
        ...(choice === undefined ? {} : alternatives(choice, to)),
      },
    ],
  };
  return { ...plan, steps: moveSteps(plan) };
}
