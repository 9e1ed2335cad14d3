import type { AnyRunbook } from '@understudy/runbook-engine';
import { catalogue } from '@understudy/runbooks';
import { type Death, places } from './death.ts';

type Mode = 'planned' | 'forced';

/** The deaths of a runbook, a list for each step in its order. */
export function deathsOf(name: AnyRunbook['name'], mode: Mode): readonly (readonly Death[])[] {
  const runbook = catalogue.find((each) => each.name === name);
  if (runbook === undefined) throw new Error(`the catalogue has no runbook ${name}`);
  return runbook
    .steps({ mode } as never)
    .map((step) => places.map((place) => ({ runbook: name, mode, step: step.name, place })));
}
