import { checkBarrels } from './rules/check-barrels.ts';
import { checkCircles } from './rules/check-circles.ts';
import { checkCitations } from './rules/check-citations.ts';
import { checkClockAndChance } from './rules/check-clock-and-chance.ts';
import { checkEnv } from './rules/check-env.ts';
import { checkImports } from './rules/check-imports.ts';
import { checkMachinePaths } from './rules/check-machine-paths.ts';
import { checkManifests } from './rules/check-manifests.ts';
import { checkNames } from './rules/check-names.ts';
import { checkSafetyTable } from './rules/check-safety-table.ts';
import { checkSize } from './rules/check-size.ts';
import { checkTests } from './rules/check-tests.ts';
import type { Finding } from './finding.ts';
import type { Tree } from './tree.ts';

const rules: readonly ((tree: Tree) => Finding[])[] = [
  checkImports,
  checkManifests,
  checkSize,
  checkNames,
  checkClockAndChance,
  checkEnv,
  checkBarrels,
  checkCircles,
  checkTests,
  checkMachinePaths,
  checkCitations,
  checkSafetyTable,
];

/** Every breach of every house rule; empty when the house is tidy. */
export function checkHouse(tree: Tree): Finding[] {
  return rules.flatMap((rule) => rule(tree));
}
