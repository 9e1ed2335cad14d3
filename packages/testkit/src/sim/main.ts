import { parseArgs } from 'node:util';
import { type PlantedFault, plantedFaults } from '@understudy/ports/fake';
import { sayPlantedPage } from './planted-page.ts';
import { appendSlice, hashOfCode, nextSeed, readSlices, type Slice, sumUp } from './record.ts';
import { runInWorkers } from './run-in-workers.ts';
import type { SeedFailure, SeedsTotal, WorldName } from './run-seeds.ts';

// `npm run sim -- --seeds N [--seed FIRST] [--fault RULE] [--limited | --members | --copies |
// --restores] [--history] [--record]`: N histories on all cores; the last line is the summary.
// `--planted` draws docs/planted-faults.md.

/** Lines of a failed history that are printed without `--history`. */
const historyLines = 60;

async function main(): Promise<void> {
  const asked = readArguments();
  if (asked.isPlanted) {
    const isFound = await sayPlantedPage(asked.faults, (line) => console.log(line));
    process.exitCode = isFound ? 0 : 1;
    return;
  }
  const slices = asked.isRecorded ? await readSlices() : [];
  const first = asked.isRecorded ? nextSeed(slices, asked.world) : asked.seed;
  const startedMs = performance.now();
  const total = await runInWorkers({ ...asked, first, count: asked.seeds });
  const seconds = Math.round((performance.now() - startedMs) / 100) / 10;
  tell(total, { ...asked, seconds });
  if (asked.isRecorded) await record(slices, { ...asked, first, total, seconds });
  process.exitCode = total.failed > 0 ? 1 : 0;
}

function tell(
  total: SeedsTotal,
  shown: { readonly isWhole: boolean; readonly world: WorldName; readonly seconds: number },
): void {
  for (const failure of total.failures) printFailure(failure, shown);
  const seen = Object.entries(total.seen).sort(([left], [right]) => (left < right ? -1 : 1));
  for (const [what, count] of seen) console.log(`seen in ${count} histories: ${what}`);
  const { user, system } = process.cpuUsage();
  const cpuMs = ((user + system) / 1_000 / total.seeds).toFixed(1);
  console.log(
    `sim: seeds ${total.seeds} operations ${total.operations} faults ${total.faults} ` +
      `merged ${total.merged} conflicts ${total.conflicts} excused ${total.excused} ` +
      `failed ${total.failed} seconds ${shown.seconds} cpu ${cpuMs} ms a seed`,
  );
}

async function record(
  slices: readonly Slice[],
  run: {
    readonly world: WorldName;
    readonly first: number;
    readonly total: SeedsTotal;
    readonly seconds: number;
  },
): Promise<void> {
  const { world, first, total, seconds } = run;
  const { seeds, failures: _, seen: __, ...counts } = total;
  const code = await hashOfCode();
  const slice = { world, from: first, to: first + seeds - 1, code, ...counts, seconds };
  await appendSlice(slice);
  console.log(sumUp([...slices, slice], code));
}

function readArguments() {
  const { values } = parseArgs({
    options: {
      seeds: { type: 'string', default: '1000' },
      seed: { type: 'string', default: '1' },
      fault: { type: 'string', multiple: true, default: [] },
      history: { type: 'boolean', default: false },
      limited: { type: 'boolean', default: false },
      members: { type: 'boolean', default: false },
      copies: { type: 'boolean', default: false },
      restores: { type: 'boolean', default: false },
      record: { type: 'boolean', default: false },
      planted: { type: 'boolean', default: false },
    },
  });
  const unknown = values.fault.filter((name) => !plantedFaults.some((fault) => fault === name));
  if (unknown.length > 0) {
    stop(`--fault ${unknown.join(', ')}: no such rule; known are ${plantedFaults.join(', ')}`);
  }
  if (values.record && values.fault.length > 0) stop('--record counts no histories with --fault');
  return {
    seeds: wholeNumber('--seeds', values.seeds),
    seed: wholeNumber('--seed', values.seed),
    faults: values.fault as PlantedFault[],
    isWhole: values.history,
    isRecorded: values.record,
    isPlanted: values.planted,
    world: worldOf(values),
  };
}

type WorldFlags = { readonly [world in Exclude<WorldName, 'moves'>]: boolean };

function worldOf({ limited, members, copies, restores }: WorldFlags): WorldName {
  const flags = { limited, members, copies, restores };
  const asked = (Object.keys(flags) as (keyof WorldFlags)[]).filter((world) => flags[world]);
  const [world = 'moves', another] = asked;
  if (another !== undefined) stop(`--${world} and --${another} are different histories`);
  return world;
}

function wholeNumber(name: string, text: string): number {
  const number = Number(text);
  if (!Number.isSafeInteger(number) || number < 1) {
    stop(`${name} takes a whole number of at least 1, not ${JSON.stringify(text)}`);
  }
  return number;
}

function stop(sentence: string): never {
  console.error(sentence);
  process.exit(2);
}

function printFailure(
  { seed, violations, history }: SeedFailure,
  { isWhole, world }: { readonly isWhole: boolean; readonly world: WorldName },
): void {
  const flag = world === 'moves' ? '' : ` --${world}`;
  const replay = `npm run sim -- --seeds 1 --seed ${seed}${flag}`;
  console.log(`seed ${seed} broke a promise (replay: ${replay}):`);
  for (const line of isWhole ? history : history.slice(-historyLines)) console.log(`  ${line}`);
  for (const { rule, what } of violations) console.log(`  ${rule}: ${what}`);
}

await main();
