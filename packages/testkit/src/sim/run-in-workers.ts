import { once } from 'node:events';
import { availableParallelism } from 'node:os';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import type { PlantedFault } from '@understudy/ports/fake';
import { addTotals, noSeeds, runSeeds, type SeedsTotal, type WorldName } from './run-seeds.ts';

// Histories have nothing in common, so each core runs its own. A worker is kept for many slices:
// half of what its first hundred histories cost is loading and compiling the same code.

type Slice = {
  readonly first: number;
  readonly count: number;
  readonly faults: PlantedFault[];
  readonly world: WorldName;
};
export type SeedRange = {
  readonly first: number;
  readonly count: number;
  readonly faults?: readonly PlantedFault[];
  readonly world?: WorldName;
};

/** Workers that run histories until they are disposed of. */
export type SeedWorkers = AsyncDisposable & {
  /** Runs `count` histories from seed `first` on, on all cores. */
  run(range: SeedRange): Promise<SeedsTotal>;
};

/** Several slices per worker even out slow ones. */
const slicesPerWorker = 4;
const workerCount = availableParallelism();
/** Histories make much that dies young; in so much space it is dead before it is looked at. */
const maxYoungGenerationSizeMb = 64;

export function openSeedWorkers(): SeedWorkers {
  const workers = Array.from({ length: workerCount }, openWorker);
  return {
    async run(range) {
      const total = noSeeds();
      const slices = slicesOf(range);
      await Promise.all(workers.map((worker) => work(worker, slices, total)));
      return total;
    },
    async [Symbol.asyncDispose]() {
      await Promise.all(workers.map((worker) => worker.terminate()));
    },
  };
}

/** One range in workers of its own. */
export async function runInWorkers(range: SeedRange): Promise<SeedsTotal> {
  await using workers = openSeedWorkers();
  return await workers.run(range);
}

function openWorker(): Worker {
  return new Worker(new URL(import.meta.url), {
    workerData: { isSeedWorker: true },
    resourceLimits: { maxYoungGenerationSizeMb },
  });
}

function slicesOf({ first, count, faults = [], world = 'moves' }: SeedRange): Slice[] {
  const size = Math.max(1, Math.ceil(count / (workerCount * slicesPerWorker)));
  const slices: Slice[] = [];
  for (let at = first; at < first + count; at += size) {
    const upTo = Math.min(size, first + count - at);
    slices.push({ first: at, count: upTo, faults: [...faults], world });
  }
  return slices;
}

async function work(worker: Worker, slices: Slice[], total: SeedsTotal): Promise<void> {
  for (let slice = slices.shift(); slice !== undefined; slice = slices.shift()) {
    worker.postMessage(slice);
    // Rejects when the worker fails instead.
    const [done] = (await once(worker, 'message')) as [SeedsTotal];
    addTotals(total, done);
  }
}

const given: unknown = workerData;
if (!isMainThread && typeof given === 'object' && given !== null && 'isSeedWorker' in given) {
  const { stackTraceLimit } = Error;
  parentPort?.on('message', ({ faults, ...range }: Slice) => {
    // Refusals are daily bread in histories; where one comes from is read in a replay.
    Error.stackTraceLimit = range.count === 1 ? stackTraceLimit : 0;
    void runSeeds({ ...range, faults: new Set(faults) }).then((total) => {
      parentPort?.postMessage(total);
    });
  });
}
