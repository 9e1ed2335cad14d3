import { type MovesPlan, planDatasetMove } from '@understudy/core';
import { defineRunbook } from '@understudy/runbook-engine';
import { decideActive } from '../moving/decide-active.ts';
import { detachCopies } from '../moving/detach-copies.ts';
import { finalState } from '../moving/final-state.ts';
import { hydrateGroups } from '../moving/hydrate-groups.ts';
import { mountDatasets } from '../moving/mount-datasets.ts';
import { oldSideFollows } from '../moving/old-side-follows.ts';
import { steadyState } from '../moving/steady-state.ts';

/** Moves one dataset to another store of its site: with nothing lost, or by force. */
export const datasetMove = defineRunbook<MovesPlan>({
  name: 'dataset-move',
  version: 1,
  plan: planDatasetMove,
  steps: ({ mode }) => (mode === 'forced' ? forced : planned),
});

// No pool state changes here, so the fence itself opens the window and hydration closes it.
const planned = [
  steadyState,
  { ...finalState, window: 'opens' as const },
  decideActive,
  mountDatasets,
  { ...hydrateGroups, window: 'closes' as const },
  oldSideFollows,
];

const forced = [
  { ...detachCopies, window: 'opens' as const },
  decideActive,
  mountDatasets,
  { ...hydrateGroups, window: 'closes' as const },
];
