import { type PoolPlan, planFailover } from '@understudy/core';
import { defineRunbook } from '@understudy/runbook-engine';
import { decideActive } from '../moving/decide-active.ts';
import { detachCopies } from '../moving/detach-copies.ts';
import { finalState } from '../moving/final-state.ts';
import { fenceSite } from '../moving/fence-site.ts';
import { hydrateGroups } from '../moving/hydrate-groups.ts';
import { mountDatasets } from '../moving/mount-datasets.ts';
import { oldSideFollows } from '../moving/old-side-follows.ts';
import { steadyState } from '../moving/steady-state.ts';
import { resetRegistrar, stopServices } from '../pool-state/order-roles.ts';
import { readSettings } from '../pool-state/read-settings.ts';
import { enterState, leaveState } from '../pool-state/set-pool-state.ts';

/** Moves a pool to its backup: planned with nothing lost, or forced with the loss quoted. */
export const poolFailover = defineRunbook<PoolPlan>({
  name: 'pool-failover',
  version: 1,
  plan: planFailover,
  steps: ({ mode, fencings }) => (mode === 'forced' ? forced(fencings) : planned),
});

const planned = [
  readSettings,
  steadyState,
  enterState('set-failing-over'),
  finalState,
  decideActive,
  mountDatasets,
  hydrateGroups,
  leaveState('set-failed-over'),
  oldSideFollows,
  resetRegistrar,
  stopServices,
];

const forced = (fencings: PoolPlan['fencings']) => [
  readSettings,
  ...(fencings === undefined ? [] : [fenceSite]),
  enterState('set-failing-over'),
  detachCopies,
  decideActive,
  mountDatasets,
  hydrateGroups,
  leaveState('set-failed-over'),
];
