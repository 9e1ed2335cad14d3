import type { CopyReport } from '../../agent/agent-report.ts';
import { setAsideName } from '../../dataset/history/link.ts';
import { seedLink } from '../../dataset/history/links-of-record.ts';
import { showGeneration } from '../../generation.ts';
import type { StoreName } from '../../ids.ts';
import { knownRecord, placeOf } from '../../dataset/move/copy-places.ts';
import { type Finding, judgedPlan, type Planned, type RunRequest } from '../../run/run-request.ts';
import type { Inventory } from '../../topology/inventory.ts';
import { checkOtherRuns, checkTopologyHashes } from '../check/check-plan.ts';
import { refusal } from '../check/finding.ts';
import { planLimits } from './plan-limits.ts';
import { activeCopyOf, notMounted, planSalvages, salvageOf, seenTails } from './plan-salvages.ts';
import type { PlannedReturn, ReturnPlan } from './pool-plan.ts';
import { returnSteps } from './pool-steps.ts';

/** Plans the return of the diverged copies of `request.server`. Pure. */
export function planReturn(inventory: Inventory, request: RunRequest): Planned<ReturnPlan> {
  const { server } = request;
  const report = inventory.reports.find((each) => each.server === server);
  if (server === undefined || report === undefined) {
    return {
      findings: [refusal('targetSilent', `${server ?? 'no server named'} does not answer`)],
    };
  }
  const wanted = (name: string) => request.dataset === undefined || request.dataset === name;
  const diverged = report.copies.filter(
    ({ state, dataset }) => state === 'diverged' && wanted(dataset),
  );
  const returning = diverged.map((copy) => planOne(inventory, copy));
  const returns = returning.filter(isPlanned);
  const left = planSalvages(inventory, report, wanted).filter(
    (each) => isFinding(each) || diverged.every(({ dataset }) => dataset !== each.dataset),
  );
  const salvages = left.filter(isPlanned);
  const plan = assemble(inventory, server, {
    returns,
    salvages: [...returns.map((each) => salvageOf(inventory, each)), ...salvages],
    seen: seenTails(report, wanted),
  });
  const findings = [
    ...returning.filter(isFinding),
    ...left.filter(isFinding),
    ...checkTopologyHashes(inventory),
    ...checkOtherRuns({ ...plan, servers: [] }, inventory),
    ...checkPools(plan, inventory),
    ...(returning.length + left.length === 0 ? [nothingToReturn(server)] : []),
  ];
  return judgedPlan(plan, findings);
}

function isFinding(each: object): each is Finding {
  return 'severity' in each;
}

function isPlanned<Plan extends object>(each: Plan | Finding): each is Plan {
  return !isFinding(each);
}

function planOne(inventory: Inventory, copy: CopyReport): PlannedReturn | Finding {
  const { dataset, store, mountedGeneration, generationSeen } = copy;
  const record = knownRecord(inventory, dataset);
  if (record === undefined || record.active === store) {
    return refusal('noActiveRecord', `nobody who answers knows another active copy of ${dataset}`);
  }
  if (activeCopyOf(inventory, record)?.state !== 'mounted') return notMounted(record);
  if (mountedGeneration >= record.generation) {
    const [own, theirs] = [mountedGeneration, record.generation].map(showGeneration);
    const why = `${store} was mounted under generation ${own}, ${record.active} under ${theirs}`;
    return refusal('activeBelow', `${why}: ${record.active} is mounted above it first`);
  }
  return {
    dataset,
    at: placeOf(inventory.topology, store),
    record,
    link: seedLink(record, store),
    setAsideAs: freeName(
      inventory,
      store,
      setAsideName(dataset, mountedGeneration || generationSeen),
    ),
  };
}

/** As the store will name it: one that stands by this name was set aside earlier and is kept. */
function freeName({ reports }: Inventory, store: StoreName, first: string): string {
  const kept = reports.flatMap(({ setAside }) => setAside).filter((each) => each.store === store);
  const taken = new Set(kept.map(({ database }) => database));
  let name = first;
  for (let number = 2; taken.has(name); number++) name = `${first}_${number}`;
  return name;
}

/** A return and a move of the same pool's data do not mix. */
function checkPools(plan: ReturnPlan, inventory: Inventory): readonly Finding[] {
  const names = new Set(plan.salvages.map(({ dataset }) => dataset));
  const pools = inventory.topology.datasets.filter(({ name }) => names.has(name));
  return pools.flatMap(({ pool }) =>
    checkOtherRuns({ subject: `pool:${pool}`, servers: [] }, inventory),
  );
}

function nothingToReturn(server: string): Finding {
  return refusal('nothingToReturn', `no copy on ${server} holds writes that nobody else has`);
}

function assemble(
  inventory: Inventory,
  server: ReturnPlan['server'],
  found: Pick<ReturnPlan, 'returns' | 'salvages' | 'seen'>,
): ReturnPlan {
  const datasets = found.returns.map(({ dataset }) => dataset);
  const salvaged = found.salvages.map(({ dataset }) => dataset);
  return {
    runbook: 'site-return',
    subject: `server:${server}`,
    leader: server,
    topologyHash: inventory.topologyHash,
    server,
    ...found,
    limits: planLimits(inventory.topology.limits),
    steps: returnSteps(server, { datasets, salvaged }),
  };
}
