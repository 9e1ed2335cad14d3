import { type CopyReport, isUnfinished } from '@understudy/core';
import type { SimDeployment } from '../sim-deployment.ts';
import { actAtRandom, force, leavingRunbook, servingSite, setPoolState } from '../sim-operator.ts';
import type { SimSite } from '../sim-site.ts';
import type { RestoredStore } from './restored-store.ts';

// An operator who does what docs/operating says about a store that was taken back in time: no word
// is given of the other side before it has answered what was restored; then the pool leaves it.

type Restored = SimDeployment & { readonly restored: RestoredStore };
type Act = (deployment: Restored) => Promise<boolean>;

export function restoresOperator(restored: RestoredStore) {
  return {
    act: async (deployment: SimDeployment): Promise<void> => {
      if (!(await actInHaste({ ...deployment, restored }))) await actAtRandom(deployment);
    },
    mend: (deployment: SimDeployment): Promise<boolean> =>
      firstOf(mending, { ...deployment, restored }),
  };
}

const mending: readonly Act[] = [endRun, leaveRestored, mountByWord, setPoolState];

async function actInHaste(deployment: Restored): Promise<boolean> {
  const { chance } = deployment.world;
  if (isUntold(deployment)) return true;
  const acts = [endRun, leaveRestored, mountByWord].filter(() => chance.fraction() < 0.6);
  return await firstOf(acts, deployment);
}

async function firstOf(acts: readonly Act[], deployment: Restored): Promise<boolean> {
  for (const act of acts) if (await act(deployment)) return true;
  return false;
}

/** What was restored has not heard the others: nobody may go by what is known there. */
function isUntold({ world, sites, restored }: Restored): boolean {
  const at = sites.find(({ store }) => restored.isOn(store));
  if (at === undefined) return false;
  return sites.every(
    (site) => site === at || !site.isAwake || !world.canTalk(at.server, site.server),
  );
}

/**
 * `run resume` or `run cancel` on the other side: the leader has forgotten its run, or the run
 * waits for what will not be.
 */
async function endRun(deployment: Restored): Promise<boolean> {
  const { world, sites, restored } = deployment;
  const at = sites.find(({ store }) => restored.isOn(store));
  const agent = sites.find((site) => site !== at)?.agent;
  if (at === undefined || agent === undefined) return false;
  if (!isTakenBack(await copyAt(deployment, at))) return false;
  const [run] = (await agent.runs()).filter(isUnfinished);
  if (run === undefined) return false;
  const isForgotten = run.leader === at.server;
  const act = isForgotten && world.chance.fraction() < 0.5 ? 'resume' : 'cancel';
  world.history.note('operator', `${act} ${run.runbook}: the store of ${at.server} was taken back`);
  // One that is past its point of no return can only go on, or fail.
  return await agent.leading[act](run.id, 'sim').then(
    () => true,
    () => false,
  );
}

/** `pool failover --force` on the other side, where the active copy's store was taken back. */
async function leaveRestored(deployment: Restored): Promise<boolean> {
  const { sites, pool } = deployment;
  const serving = servingSite(deployment);
  const other = sites.find((site) => site !== serving);
  if (serving === undefined || other?.agent === undefined) return false;
  if (!isTakenBack(await copyAt(deployment, serving))) return false;
  const request = { pool, isPartnerOff: false, by: 'sim', mode: 'forced' } as const;
  await force(deployment, other.agent, { ...request, runbook: leavingRunbook(deployment) });
  return true;
}

/** `dataset mount --partner-is-off`, where the other side's store was taken back. */
async function mountByWord(deployment: Restored): Promise<boolean> {
  const { world, sites, dataset } = deployment;
  const serving = servingSite(deployment);
  const other = sites.find((site) => site !== serving);
  const copy = serving && (await copyAt(deployment, serving));
  if (serving?.agent === undefined || other === undefined) return false;
  if (copy?.state !== 'dismounted') return false;
  if (!isTakenBack(await copyAt(deployment, other))) return false;
  const said = await serving.agent.byWord.mount({ dataset, isPartnerOff: true });
  world.history.note('operator', `${dataset} is mounted by word: ${said}`);
  return true;
}

async function copyAt(
  { dataset }: SimDeployment,
  { agent, store }: SimSite,
): Promise<CopyReport | undefined> {
  const { copies = [] } = (await agent?.report()) ?? {};
  return copies.find((copy) => copy.dataset === dataset && copy.store === store.name);
}

function isTakenBack(copy: CopyReport | undefined): boolean {
  return copy?.state === 'diverged' && copy.why.includes('taken back in time');
}
