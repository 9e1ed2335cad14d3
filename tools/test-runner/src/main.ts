// Runs the tests and refuses to be content with fewer than there should be: every test file that is
// written must be built, must run, and must run at least as many tests as its floor says.

import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { checkCounts, checkFloors, countTests, type Floors, nextFloors } from './check-counts.ts';
import { chooseTests } from './choose-tests.ts';
import { environmentFor } from './env.ts';
import { type Arguments, readArguments } from './read-arguments.ts';
import { removeStaleOutput } from './remove-stale-output.ts';
import { findOwnNetwork } from './own-network.ts';
import { runNodeTests } from './run-node-tests.ts';
import { checkBuilt, listBuiltTests, listWrittenTests } from './test-file.ts';

const root = fileURLToPath(new URL('../../..', import.meta.url)).replace(/\/$/, '');
const floorsFile = fileURLToPath(new URL('../floors.json', import.meta.url));

/** One file of these is minutes of kills, of cuts or of drills, each with its recovery. */
const longSuites: readonly string[] = ['kill', 'partition', 'drill', 'clocks'];
/** The suite's budget in .ci/run is shorter: this only ends what nobody watches. */
const longTimeoutMs = 1_800_000;

process.exitCode = await main(readArguments(process.argv.slice(2)));

async function main({ suite, isRecording, paths }: Arguments): Promise<number> {
  for (const file of removeStaleOutput(root)) console.log(`removed ${file}: its source is gone`);
  const written = listWrittenTests(root);
  const floors = JSON.parse(readFileSync(floorsFile, 'utf8')) as Floors;
  const before = [...checkBuilt(written, listBuiltTests(root)), ...checkFloors(floors, written)];
  if (before.length > 0 && !isRecording) return refuse(before);

  const chosen = chooseTests(written, suite, paths);
  if (chosen.length === 0) return refuse(['no test file fits: check the suite and the paths']);
  const within = suite === 'partition' ? findOwnNetwork() : [];
  if (within === undefined) return refuse([noNetwork]);
  const { hasPassed, lines } = await runNodeTests({
    root,
    within,
    files: chosen.map((test) => test.built),
    environment: environmentFor(suite),
    ...(longSuites.includes(suite) ? { timeoutMs: longTimeoutMs } : {}),
  });
  const counts = countTests(chosen, lines);
  if (isRecording && hasPassed) {
    const recorded = nextFloors(counts, floors, written);
    writeFileSync(floorsFile, `${JSON.stringify(recorded, null, 2)}\n`);
  }
  const after = checkCounts(counts, isRecording ? {} : floors);
  return after.length > 0 ? refuse(after) : hasPassed ? 0 : 1;
}

const noNetwork =
  'this suite needs a network of its own: run it as root, or let users make namespaces ' +
  '(sysctl kernel.unprivileged_userns_clone=1, kernel.apparmor_restrict_unprivileged_userns=0)';

function refuse(findings: readonly string[]): number {
  console.error(['', ...findings.map((finding) => `✖ ${finding}`)].join('\n'));
  return 1;
}
