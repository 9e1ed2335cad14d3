import type { CopyObservation, DatasetName, Generation, Link, StoreName } from '@understudy/core';
import { asDataset, asDatasetId, asGeneration, asRun } from '@understudy/core';
import type { Clock } from '../clock.ts';
import type { DatasetEngine } from '../dataset-engine.ts';

/** One store of the three that the suite works on. */
export type ConformingStore = {
  readonly engine: DatasetEngine;
  /** A role's write of one row, through the gate; resolves when it is acknowledged. */
  write(order: {
    readonly dataset: DatasetName;
    readonly generation: Generation;
    readonly row: string;
    readonly value: string;
  }): Promise<void>;
  /** What such rows a reader sees here now. */
  rows(dataset: DatasetName): Promise<ReadonlyMap<string, string>>;
  /** Changes a row behind everybody's back, on this store only. */
  tamper(order: {
    readonly dataset: DatasetName;
    readonly row: string;
    readonly value: string;
  }): Promise<void>;
  /** How many writes stand here and wait for a synchronous copy before they are acknowledged. */
  waiting(dataset: DatasetName): Promise<number>;
  /** Dies without a word and starts again; resolves when it answers. */
  crash(): Promise<void>;
};

/** What the suite runs on: stores that reach each other, and a clock that goes. */
export type EngineSubject = AsyncDisposable & {
  readonly east: ConformingStore;
  readonly west: ConformingStore;
  /** For a further copy. */
  readonly third: ConformingStore;
  readonly clock: Clock;
  /** Lets time pass until the act is settled. A real clock needs nothing: `(act) => act`. */
  readonly settle: <Result>(act: Promise<Result>) => Promise<Result>;
};

/** One dataset of the suite on both stores. */
export type Stage = EngineSubject & {
  readonly dataset: DatasetName;
  readonly id: ReturnType<typeof asDatasetId>;
  readonly link: (from: StoreName, to: StoreName, since: number) => Link;
  look(store: ConformingStore): Promise<CopyObservation>;
};

export function stageOf(subject: EngineSubject, number: number): Stage {
  const dataset = asDataset(`case-${number}`);
  const id = asDatasetId(`01990000-0000-7000-8000-${String(number).padStart(12, '0')}`);
  return {
    east: subject.east,
    west: subject.west,
    third: subject.third,
    clock: subject.clock,
    settle: (act) => subject.settle(act),
    [Symbol.asyncDispose]: async () => {},
    dataset,
    id,
    link: (from, to, since) => ({ dataset, from, to, since: asGeneration(since) }),
    async look(store) {
      const copies = await subject.settle(store.engine.observe());
      const copy = copies.find((each) => each.dataset === dataset);
      if (copy === undefined) throw new Error(`${store.engine.store} shows no copy of ${dataset}`);
      return copy;
    },
  };
}

const looksMax = 1_000;
const betweenLooksMs = 20;

/** Looks until `isSo`; throws with the last thing seen when that does not come. */
export async function eventually<Seen>(
  { clock, settle }: Stage,
  look: () => Promise<Seen>,
  isSo: (seen: Seen) => boolean,
): Promise<Seen> {
  for (let count = 1; ; count += 1) {
    const seen = await look();
    if (isSo(seen)) return seen;
    if (count >= looksMax) throw new Error(`it never came; last seen ${JSON.stringify(seen)}`);
    await settle(clock.sleep(betweenLooksMs));
  }
}

export const run = asRun('run-1');
export const longMs = 60_000;
export const generationOf = asGeneration;

/** A mounted copy on east, with its first row. */
export async function mountEast(stage: Stage, generation = 1): Promise<void> {
  const { dataset, id, east, settle } = stage;
  await settle(east.engine.create({ dataset, id }));
  await mountOn(stage, east, generation);
  await write(stage, east, { generation, row: 'first', value: 'of east' });
}

export async function mountOn(
  { dataset, settle }: Stage,
  store: ConformingStore,
  generation: number,
): Promise<void> {
  await settle(
    store.engine.mount({
      dataset,
      generation: asGeneration(generation),
      holder: 'the suite',
      validForMs: longMs,
    }),
  );
}

export function write(
  { dataset, settle }: Stage,
  store: ConformingStore,
  order: { readonly generation: number; readonly row: string; readonly value: string },
): Promise<void> {
  return settle(store.write({ ...order, dataset, generation: asGeneration(order.generation) }));
}

/** East mounted under 1, west seeded from it and level, its standing slot for the way back made. */
export async function seedWest(stage: Stage): Promise<void> {
  const { id, east, west, settle, link } = stage;
  await mountEast(stage);
  await settle(west.engine.seed({ id, link: link(east.engine.store, west.engine.store, 1) }));
  await eventually(stage, () => stage.look(west), isLevel);
  await settle(west.engine.prepareWayBack(link(west.engine.store, east.engine.store, 1), longMs));
}

export function isLevel({ following }: CopyObservation): boolean {
  if (following === undefined) return false;
  const { tablesReady, tablesTotal, isConnected } = following;
  return isConnected && tablesTotal > 0 && tablesReady === tablesTotal;
}

/** Waits until a reader of `store` sees `value` in `row`. */
export async function seesRow(
  stage: Stage,
  store: ConformingStore,
  { row, value }: { readonly row: string; readonly value: string },
): Promise<void> {
  const look = () => stage.settle(store.rows(stage.dataset));
  await eventually(stage, look, (rows) => rows.get(row) === value);
}

/** The planned switch of the stage from east (generation 1) to west (2), up to the mount. */
export async function switchToWest(stage: Stage): Promise<void> {
  const { dataset, east, west, settle, link } = stage;
  const generation = asGeneration(1);
  const marker = { dataset, generation, run, attempt: 1 };
  const handOver = { run, attempt: 1, target: west.engine.store };
  await settle(
    Promise.all([
      east.engine.fence({ dataset, generation, drainMs: 100, timeoutMs: longMs, handOver }),
      west.engine.awaitMarker({ marker, timeoutMs: longMs }),
    ]),
  );
  await settle(west.engine.detach({ dataset, generation, timeoutMs: longMs }));
  await settle(west.engine.advanceWayBack(link(west.engine.store, east.engine.store, 1)));
  await mountOn(stage, west, 2);
}
