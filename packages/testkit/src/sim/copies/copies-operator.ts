import type { RunRequest } from '@understudy/core';
import { isAtHome, type SimDeployment } from '../sim-deployment.ts';
import { begin, force, leavingRunbook, mayForce, meddle, servingSite } from '../sim-operator.ts';

/** An operator in a hurry who may also move the dataset to another copy of the site that serves. */
export async function actOnCopies(deployment: SimDeployment): Promise<void> {
  const { world, sites } = deployment;
  const serving = servingSite(deployment);
  if (serving === undefined) return;
  const others = sites.filter((site) => site !== serving && site.agent !== undefined);
  const request = pickMove(deployment);
  if (mayForce(deployment, serving)) {
    const [agent] = others.length === 0 ? [] : [world.chance.pick(others).agent];
    if (agent === undefined) return;
    await force(deployment, agent, { ...request, mode: 'forced', isPartnerOff: true });
  } else if (world.chance.fraction() < 0.15) {
    await meddle(deployment);
  } else {
    await begin(deployment, { ...request, mode: 'planned', isPartnerOff: false });
  }
}

type Move = Omit<RunRequest, 'mode' | 'isPartnerOff'>;

function pickMove(deployment: SimDeployment): Move {
  const { world, dataset, pool, record } = deployment;
  const known = record();
  const isHome = known !== undefined && isAtHome(world, known);
  if (isHome && hasTwoAtHome(deployment) && world.chance.fraction() < 0.5) {
    return { runbook: 'dataset-move', dataset, by: 'sim' };
  }
  return { runbook: leavingRunbook(deployment), pool, by: 'sim' };
}

function hasTwoAtHome({ world: { topology } }: SimDeployment): boolean {
  const [home] = topology.servers;
  return topology.servers.filter(({ site }) => site === home?.site).length > 1;
}
