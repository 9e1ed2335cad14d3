import {
  type ActiveRecord,
  activeRecordOf,
  type AgentReport,
  type CopyPlace,
  type CopyReport,
  type DatasetName,
  type MovesPlan,
  newestDecisions,
  type PlannedMove,
} from '@understudy/core';
import { NothingDoneError, type RunContext } from '@understudy/runbook-engine';

// Looks at the world by which steps know that they are done.

/** The copy as its own agent reports it now. */
export async function copyOf(
  context: RunContext<unknown>,
  dataset: DatasetName,
  { store, server }: CopyPlace,
): Promise<CopyReport | undefined> {
  const { copies } = await context.agentOf(server).report();
  return copies.find((copy) => copy.dataset === dataset && copy.store === store);
}

/** The record of the dataset as the agent of that server knows it. */
export async function recordAt(
  context: RunContext<unknown>,
  dataset: DatasetName,
  { server }: Pick<CopyPlace, 'server'>,
): Promise<ActiveRecord | undefined> {
  return activeRecordOf((await context.agentOf(server).report()).decisions, dataset);
}

/**
 * The newest record of the same take-over as `planned`: a remount raises the generation and keeps
 * `since`. Throws when somebody else has become active since it was planned.
 */
export async function sameTakeOver(
  context: RunContext<unknown>,
  planned: ActiveRecord,
  place: Pick<CopyPlace, 'server'>,
): Promise<ActiveRecord> {
  const known = await recordAt(context, planned.dataset, place);
  if (known === undefined || known.generation <= planned.generation) return planned;
  if (known.since === planned.since && known.active === planned.active) return known;
  const why = `${known.active} has been active for ${known.dataset} since ${known.since}`;
  throw new NothingDoneError(`${why}; plan again`);
}

/** The take-over of this move stands decided at its target. Remounts since then count too. */
export async function isDecided(
  context: RunContext<unknown>,
  { dataset, to, next }: PlannedMove,
): Promise<boolean> {
  const record = await recordAt(context, dataset, to);
  return record?.since === next.since && record.active === next.active;
}

/**
 * Datasets that were there already do not move, so nobody decides of them: where one is active
 * elsewhere by now, the users would be sent to a place that cannot serve them. Throws then.
 */
export async function refuseGone(
  context: RunContext<MovesPlan>,
  reports?: readonly AgentReport[],
): Promise<void> {
  const { plan, agentOf } = context;
  const moving = new Set(plan.moves.map(({ dataset }) => dataset));
  for (const { dataset, store } of plan.seen.filter((each) => !moving.has(each.dataset))) {
    const asked = reports ?? [await agentOf(plan.leader).report()];
    const decisions = newestDecisions(...asked.map((report) => report.decisions));
    const active = activeRecordOf(decisions, dataset)?.active;
    if (active === undefined || active === store) continue;
    const why = `${dataset} was to be served on ${store} and is active on ${active} by now`;
    throw new NothingDoneError(`${why}; plan again`);
  }
}

/** Why a step before the decision has nothing left to do, once all moves are decided. */
export async function whenAllDecided(context: RunContext<MovesPlan>): Promise<string | undefined> {
  const decided = await Promise.all(context.plan.moves.map((move) => isDecided(context, move)));
  if (decided.length === 0 || decided.includes(false)) return undefined;
  return 'the new active copies are decided already';
}
