import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import type { PlantedFault } from '@understudy/ports/fake';
import { addTotals, noSeeds, runSeeds, type SeedsTotal } from './run-seeds.ts';

// Histories have nothing in common, so each core runs its own.

type Slice = { readonly first: number; readonly count: number; readonly faults: PlantedFault[] };

/** A slice costs a worker's start; several per worker even out slow ones. */
const slicesPerWorker = 4;
const workers = 2;

/** Runs `count` histories from seed `first` on, on two cores. */
export async function runInWorkers(range: {
  readonly first: number;
  readonly count: number;
  readonly faults?: readonly PlantedFault[];
}): Promise<SeedsTotal> {
  const total = noSeeds();
  const slices = slicesOf(range);
  await Promise.all(Array.from({ length: workers }, () => work(slices, total)));
  return total;
}

function slicesOf({ first, count, faults = [] }: Parameters<typeof runInWorkers>[0]): Slice[] {
  const size = Math.max(1, Math.ceil(count / (workers * slicesPerWorker)));
  const slices: Slice[] = [];
  for (let at = first; at < first + count; at += size) {
    slices.push({ first: at, count: Math.min(size, first + count - at), faults: [...faults] });
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
    const worker = new Worker(new URL(import.meta.url), { workerData: { slice } });
    worker.once('message', resolve);
    worker.once('error', reject);
  });
}

const given: unknown = workerData;
if (!isMainThread && typeof given === 'object' && given !== null && 'slice' in given) {
  const { faults, ...range } = given.slice as Slice;
  parentPort?.postMessage(await runSeeds({ ...range, faults: new Set(faults) }));
}
