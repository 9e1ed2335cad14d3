import type { PlantedFault } from '@understudy/ports/fake';
import { openSeedWorkers, type SeedWorkers } from './run-in-workers.ts';
import { type Planted, planted, shownElsewhere } from './planted.ts';
import type { SeedFailure } from './run-seeds.ts';

// `npm run sim -- --planted`: each rule is taken out until the checkers have found that it is
// missing. What is printed is docs/planted-faults.md.

/** Histories that are run before it is looked whether one of them has found the fault. */
const sliceSeeds = 64;

/** One rule taken out: the first history that broke a promise; undefined within the bound. */
type Found = Planted & { readonly failure: SeedFailure | undefined };

/** Says the page of docs, each row when it is known; false where a rule was missed by nobody. */
export async function sayPlantedPage(
  only: readonly PlantedFault[],
  say: (line: string) => void,
): Promise<boolean> {
  await using workers = openSeedWorkers();
  let isFound = true;
  for (const line of head) say(line);
  for (const each of planted) {
    if (only.length > 0 && !only.includes(each.rule)) continue;
    const failure = await findFirst(workers, each);
    say(rowOf({ ...each, failure }));
    isFound &&= failure !== undefined;
  }
  for (const line of elsewhere()) say(line);
  return isFound;
}

async function findFirst(
  workers: SeedWorkers,
  { rule, within, world }: Planted,
): Promise<SeedFailure | undefined> {
  for (let first = 1; first <= within; first += sliceSeeds) {
    const count = Math.min(sliceSeeds, within - first + 1);
    const { failures } = await workers.run({ first, count, faults: [rule], world });
    for (const failure of failures.toSorted((left, right) => left.seed - right.seed)) {
      // One that breaks a promise also with the rule in place shows nothing of the rule.
      const { failed } = await workers.run({ first: failure.seed, count: 1, world });
      if (failed === 0) return failure;
    }
  }
  return undefined;
}

const head = [
  '# Planted faults: each safety rule taken out of the simulation',
  '',
  'Printed by `npm run sim -- --planted`. Each rule is taken out by itself, and histories run',
  'from seed 1 on until a checker misses it. The checkers know what stores committed and what',
  'clients were told, and nothing of the rules. A history replays with `npm run sim -- --seeds 1',
  '--seed N --fault RULE --history`, those of rules Q with `--limited` besides, those of V4, V5',
  'and V6-fencing with `--members`, those of A4, A5 and V7 with `--copies`, E10 with `--restores`.',
  '',
  '| rule | taken out | first seed | bound | found by | what was broken |',
  '|---|---|---|---|---|---|',
];

function elsewhere(): readonly string[] {
  return [
    '',
    '## Rules that show elsewhere',
    '',
    '| rule | why not here | shown by |',
    '|---|---|---|',
    ...shownElsewhere.map(({ rule, why, by }) => `| ${rule} | ${why} | \`${by}\` |`),
  ];
}

function rowOf({ rule, takenOut, within, failure }: Found): string {
  const [broken] = failure?.violations ?? [];
  const seed = failure === undefined ? 'not found' : String(failure.seed);
  const cells = [rule, takenOut, seed, String(within), broken?.rule ?? '', broken?.what ?? ''];
  return `| ${cells.join(' | ')} |`;
}
