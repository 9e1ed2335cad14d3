import { isUnfinished, type RunRequest } from '@understudy/core';
import { RunRefusedError } from '@understudy/runbook-engine';
import type { SimDeployment } from '../sim-deployment.ts';
import { force, leavingRunbook, servingSite } from '../sim-operator.ts';

/** A run that is under way for so long waits for what is gone. */
const patienceMs = 4_000;

/**
 * Where all is calm: a new disk is put into a site that lost its own, and where the active copy was
 * on it another one is forced, as `status` says.
 */
export async function replaceLost(deployment: SimDeployment): Promise<boolean> {
  const { world, sites, pool } = deployment;
  const lost = sites.find(({ isKeptOff }) => isKeptOff);
  if (lost !== undefined) {
    world.history.note('operator', `starts ${lost.server} with a new disk`);
    lost.turnOn(() => true);
    return true;
  }
  if (!isActiveLost(deployment)) return false;
  if (await endOld(deployment)) return true;
  const others = sites.filter((site) => site !== servingSite(deployment) && site.agent);
  const [agent] = others.length === 0 ? [] : [world.chance.pick(others).agent];
  if (agent === undefined) return false;
  const runbook = leavingRunbook(deployment);
  const request: RunRequest = { runbook, pool, mode: 'forced', isPartnerOff: false, by: 'sim' };
  await force(deployment, agent, request);
  return true;
}

/** The store that should serve came back without the copy. */
function isActiveLost(deployment: SimDeployment): boolean {
  const serving = servingSite(deployment);
  return serving?.store.isUp === true && !serving.store.copies.has(deployment.dataset);
}

/** Cancels a run that stands in the way; one that can only go on is resumed, and fails. */
async function endOld({ world, sites }: SimDeployment): Promise<boolean> {
  for (const { agent } of sites) {
    const runs = (await agent?.runs()) ?? [];
    const old = runs
      .filter(isUnfinished)
      .find(({ startedAtMs }) => startedAtMs < world.clock.nowMs() - patienceMs);
    if (agent === undefined || old === undefined) continue;
    world.history.note('operator', `cancel ${old.runbook} ${old.id}`);
    await agent.leading.cancel(old.id, 'sim').catch((error: unknown) => {
      if (!(error instanceof RunRefusedError)) throw error;
      world.history.note('operator', `resume ${old.runbook} ${old.id}: ${error.message}`);
      return agent.leading.resume(old.id, 'sim');
    });
    return true;
  }
  return false;
}
