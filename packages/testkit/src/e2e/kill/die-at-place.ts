// Loaded into an agent before its own program (node --import): it replaces the runbooks of the
// catalogue by mortal ones and touches nothing else, so that what dies is the very agent of the
// product, wired as it always is.

import { catalogue } from '@understudy/runbooks';
import type { AnyRunbook } from '@understudy/runbook-engine';
import { takeDeath } from './death.ts';
import { deathFile } from './env.ts';
import { type Die, mortalRunbook } from './mortal-step.ts';

const dieIn =
  (runbook: string, mode: string): Die =>
  (step, place) => {
    if (deathFile === undefined || !takeDeath(deathFile, { runbook, mode, step, place })) return;
    process.kill(process.pid, 'SIGKILL'); // Does not return: nothing is flushed or said.
  };

const runbooks = catalogue as AnyRunbook[];
for (const [index, runbook] of runbooks.entries()) runbooks[index] = mortalRunbook(runbook, dieIn);
