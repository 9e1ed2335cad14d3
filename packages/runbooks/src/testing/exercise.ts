import assert from 'node:assert/strict';
import type { RunRow, ServerName } from '@understudy/core';
import { type AnyRunbook, planHash } from '@understudy/runbook-engine';
import { catalogue } from '../catalogue.ts';
import { type Call, type Fate, Leader } from './leader.ts';
import { assertServed, type Scenario } from './scenario.ts';
import type { World } from './world.ts';

/** Longer than any wait of a run in this world. */
const longMs = 900_000;
/** Resumes of one run before the harness calls it stuck. */
const resumesMax = 3;

export type Exercise = {
  readonly scenario: Scenario;
  readonly fateOf?: (call: Call) => Fate;
  readonly runbooks?: readonly AnyRunbook[];
};

export type Begun = { readonly world: World; readonly leader: Leader };

/** Begins the scenario's run with a leader whose calls have fates, and lets time pass. */
export async function beginRun(exercise: Exercise): Promise<Begun> {
  const { scenario, fateOf, runbooks = catalogue } = exercise;
  const world = await scenario.world();
  const leader = new Leader(world, {
    server: scenario.leader,
    catalogue: runbooks,
    ...(fateOf === undefined ? {} : { fateOf }),
  });
  await letBegin(world, leader, scenario);
  return { world, leader };
}

async function letBegin(world: World, leader: Leader, { request }: Scenario): Promise<void> {
  const inventory = await world.inventory(request.server ?? world.agents[0]!.server);
  const runbook = catalogue.find(({ name }) => name === request.runbook);
  const planned = runbook?.plan(inventory, request);
  assert.ok(planned?.plan !== undefined, JSON.stringify(planned?.findings));
  const { plan } = planned;
  const begun = leader.runner.begin({ plan, planHash: planHash(plan), by: request.by });
  // A leader that dies never answers; one that fails to take the row says so.
  begun.catch(() => {});
  await world.clock.advance(longMs);
}

/** The run as any control database knows it last. */
export async function newestRow(world: World): Promise<RunRow | undefined> {
  const views = await Promise.all(world.agents.map(({ control }) => control.readRuns()));
  return views
    .flat()
    .sort((left, right) => left.attempt - right.attempt || order(left) - order(right))
    .at(-1);
}

function order({ state }: RunRow): number {
  return state === 'running' ? 0 : 1;
}

/** Brings the run to an end from `server`, as an operator would, and checks the end. */
export async function bringToEnd(
  world: World,
  scenario: Scenario,
  server: ServerName,
): Promise<RunRow> {
  for (let resumes = 0; resumes < resumesMax; resumes++) {
    const row = await newestRow(world);
    if (row !== undefined && isOver(row)) {
      await assertServed(world, scenario, row.state === 'succeeded' ? 'done' : 'undone');
      return row;
    }
    const seed = 100 + resumes;
    if (row === undefined) {
      // It had not begun; only its own leader can begin it.
      const leader = new Leader(world, { server: scenario.leader, catalogue, seed });
      await letBegin(world, leader, scenario);
    } else {
      const leader = new Leader(world, { server, catalogue, seed });
      leader.runner.resume(row.id, 'bert').catch(() => {});
      await world.clock.advance(longMs);
    }
  }
  const row = await newestRow(world);
  assert.fail(`${scenario.name} does not come to an end: ${row?.state}, ${row?.why}`);
}

/** Succeeded, or rolled back so that nothing is left to do. */
function isOver({ state, why }: RunRow): boolean {
  if (state === 'succeeded' || state === 'refused' || state === 'cancelled') return true;
  return state === 'failed' && why.endsWith('all was undone');
}
