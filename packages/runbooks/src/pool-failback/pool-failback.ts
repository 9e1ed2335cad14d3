import { type PoolPlan, planFailback } from '@understudy/core';
import { defineRunbook } from '@understudy/runbook-engine';
import { decideActive } from '../moving/decide-active.ts';
import { detachCopies } from '../moving/detach-copies.ts';
import { finalState } from '../moving/final-state.ts';
import { fenceSite } from '../moving/fence-site.ts';
import { hydrateGroups } from '../moving/hydrate-groups.ts';
import { mountDatasets } from '../moving/mount-datasets.ts';
import { oldSideFollows } from '../moving/old-side-follows.ts';
import { steadyState } from '../moving/steady-state.ts';
import { resetRegistrar, startServices } from '../pool-state/order-roles.ts';
import { readSettings } from '../pool-state/read-settings.ts';
import { enterState, leaveState } from '../pool-state/set-pool-state.ts';

/** Brings a pool home from its backup; by force when the backup's site is gone. */
export const poolFailback = defineRunbook<PoolPlan>({
  name: 'pool-failback',
  version: 1,
  plan: planFailback,
  steps: ({ mode, fencings }) => (mode === 'forced' ? forced(fencings) : planned),
});

const planned = [
  readSettings,
  startServices,
  steadyState,
  enterState('set-failing-back'),
  finalState,
  decideActive,
  mountDatasets,
  hydrateGroups,
  leaveState('set-active'),
  oldSideFollows,
  resetRegistrar,
];

const forced = (fencings: PoolPlan['fencings']) => [
  readSettings,
  ...(fencings === undefined ? [] : [fenceSite]),
  enterState('set-failing-back'),
  detachCopies,
  decideActive,
  mountDatasets,
  hydrateGroups,
  leaveState('set-active'),
];
