import { parseArgs } from 'node:util';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import type { PlantedFault } from '@understudy/ports/fake';
import { addTotals, noSeeds, runSeeds, type SeedFailure, type SeedsTotal } from './run-seeds.ts';

// `npm run sim -- --seeds N [--seed FIRST] [--fault RULE] [--history]`: runs N histories on all
// cores; the last line is the summary.

type Slice = { readonly first: number; readonly count: number; readonly faults: PlantedFault[] };

const sliceSeeds = 100;
const workers = 2;

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      seeds: { type: 'string', default: '1000' },
      seed: { type: 'string', default: '1' },
      fault: { type: 'string', multiple: true, default: [] },
      history: { type: 'boolean', default: false },
    },
  });
  const startedMs = performance.now();
  const total = noSeeds();
  const slices = slicesOf(Number(values.seed), Number(values.seeds), values.fault);
  await Promise.all(Array.from({ length: workers }, () => work(slices, total)));
  for (const failure of total.failures) printFailure(failure, values.history);
  const seen = Object.entries(total.seen).sort(([left], [right]) => (left < right ? -1 : 1));
  console.log(`seen in histories: ${seen.map(([what, count]) => `${what} ${count}`).join(', ')}`);
  const seconds = ((performance.now() - startedMs) / 1000).toFixed(1);
  const { seeds, operations, faults, failed } = total;
  console.log(
    `sim: seeds ${seeds} operations ${operations} faults ${faults} failed ${failed} seconds ${seconds}`,
  );
  process.exitCode = failed > 0 ? 1 : 0;
}

function slicesOf(first: number, seeds: number, faults: readonly string[]): Slice[] {
  const slices: Slice[] = [];
  for (let at = first; at < first + seeds; at += sliceSeeds) {
    const count = Math.min(sliceSeeds, first + seeds - at);
    slices.push({ first: at, count, faults: [...faults] as PlantedFault[] });
  }
  return slices;
}

async function work(slices: Slice[], total: SeedsTotal): Promise<void> {
  for (let slice = slices.shift(); slice !== undefined; slice = slices.shift()) {
    addTotals(total, await inWorker(slice));
  }
}

function inWorker(slice: Slice): Promise<SeedsTotal> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL(import.meta.url), { workerData: slice });
    worker.once('message', resolve);
    worker.once('error', reject);
  });
}

function printFailure({ seed, violations, history }: SeedFailure, isWhole: boolean): void {
  console.log(`seed ${seed} broke a promise (replay: npm run sim -- --seeds 1 --seed ${seed}):`);
  for (const line of isWhole ? history : history.slice(-60)) console.log(`  ${line}`);
  for (const { rule, what } of violations) console.log(`  ${rule}: ${what}`);
}

if (isMainThread) {
  await main();
} else {
  const { faults, ...range } = workerData as Slice;
  parentPort?.postMessage(await runSeeds({ ...range, faults: new Set(faults) }));
}
