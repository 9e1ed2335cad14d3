import type { AnyRunbook } from '@understudy/runbook-engine';
import { catalogue } from '@understudy/runbooks';
import { type Death, places } from './death.ts';

type Mode = 'planned' | 'forced';

/**
 * The deaths of a runbook, a list for each step in its order; `rest` is what else of a plan decides
 * which steps there are.
 */
export function deathsOf(
  name: AnyRunbook['name'],
  mode: Mode,
  rest: object = {},
): readonly (readonly Death[])[] {
  const runbook = catalogue.find((each) => each.name === name);
  if (runbook === undefined) throw new Error(`the catalogue has no runbook ${name}`);
  return runbook
    .steps({ mode, ...rest } as never)
    .map((step) => places.map((place) => ({ runbook: name, mode, step: step.name, place })));
}
