import { systemClock } from '@understudy/ports/system';
import {
  asDataset,
  asDatasetId,
  asRun,
  type CopyObservation,
  databaseName,
  type DatasetId,
  type DatasetName,
  type Link,
} from '@understudy/core';
import { waitUntil } from '../connect/wait-until.ts';
import { generation, type Side, type TwoStores } from './two-stores.ts';

/** A dataset of one test: created and mounted on east under generation 1. */
export type ADataset = {
  readonly dataset: DatasetName;
  readonly id: DatasetId;
  readonly database: string;
  readonly there: Link;
  readonly back: Link;
};

let count = 0;

export async function aMountedDataset({ east, west }: TwoStores): Promise<ADataset> {
  count += 1;
  const dataset = asDataset(`data-${count}`);
  const id = asDatasetId(`01990000-0000-7000-8000-${String(count).padStart(12, '0')}`);
  await east.engine.create({ dataset, id });
  await mountOn(east, dataset, 1);
  const since = generation(1);
  return {
    dataset,
    id,
    database: databaseName(dataset),
    there: { dataset, from: east.store, to: west.store, since },
    back: { dataset, from: west.store, to: east.store, since },
  };
}

/** The same with a level copy on west, and the standing slot for the way back. */
export async function aFollowedDataset(two: TwoStores): Promise<ADataset> {
  const data = await aMountedDataset(two);
  await two.west.engine.seed({ id: data.id, link: data.there });
  await eventually(() => look(two.west, data.dataset), isLevel);
  await two.west.engine.prepareWayBack(data.back, 5_000);
  return data;
}

export function mountOn(side: Side, dataset: DatasetName, number: number, validForMs = 60_000) {
  const order = { dataset, generation: generation(number), holder: 'a test', validForMs };
  return side.engine.mount(order);
}

export const run = asRun('run-1');

/** Fence with hand-over from `side` to `target`, under `number`. */
export function fenceFor(
  { side, target }: { readonly side: Side; readonly target: Side },
  dataset: DatasetName,
  number: number,
) {
  const handOver = { run, attempt: 1, target: target.store };
  const order = { dataset, generation: generation(number), drainMs: 100, timeoutMs: 5_000 };
  return side.engine.fence({ ...order, handOver });
}

export function markerOf(dataset: DatasetName, number: number) {
  return { dataset, generation: generation(number), run, attempt: 1 };
}

export async function look(side: Side, dataset: DatasetName): Promise<CopyObservation> {
  const copy = (await side.engine.observe()).find((each) => each.dataset === dataset);
  if (copy === undefined) throw new Error(`${side.store} shows no copy of ${dataset}`);
  return copy;
}

export function isLevel({ following }: CopyObservation): boolean {
  if (following === undefined || following.tablesTotal === 0) return false;
  return following.isConnected && following.tablesReady === following.tablesTotal;
}

/** Looks until it is so; the bound is for tests that fail. */
export function eventually<Seen>(
  look: () => Promise<Seen>,
  isSo: (seen: Seen) => boolean,
): Promise<Seen> {
  const bound = { timeoutMs: 20_000, everyMs: 10, what: 'what the test waits for' };
  return waitUntil(systemClock, bound, async () => {
    const seen = await look();
    return isSo(seen) ? seen : undefined;
  });
}

/** The names of the users that a reader of the store sees. */
export async function userNames(side: Side, database: string): Promise<ReadonlySet<string>> {
  const rows = await side.databases.query<{ name: string }>(database, 'SELECT name FROM app.users');
  return new Set(rows.map(({ name }) => name));
}

export function seesUser(side: Side, database: string, name: string) {
  return eventually(
    () => userNames(side, database),
    (names) => names.has(name),
  );
}
