import { activeRecordOf, type DatasetName } from '@understudy/core';
import type { FakeCopy, FakeDisk, FakeStore, FakeVotes } from '@understudy/ports/fake';
import type { SimDeployment } from '../sim-deployment.ts';
import type { SimSite } from '../sim-site.ts';
import { witnessServer } from '../sim-world.ts';

/** All that a member's disk holds: its store, and what its voter keeps there. */
export type Snapshot = { readonly disk: FakeDisk; readonly votes: Votes };
type Votes = Pick<FakeVotes, 'records' | 'membership'>;

/** What came back with a snapshot, until it has been begun anew. */
export class RestoredStore {
  #copies: ReadonlySet<FakeCopy> = new Set();

  /** Its copies are those of the snapshot still: who restored it knows that it has forgotten. */
  isOn({ copies }: FakeStore): boolean {
    return [...copies.values()].some((copy) => this.#copies.has(copy));
  }

  /** Puts `snapshot` in the place of what is on the disk of `at`, which is off. */
  putBack(
    { world, dataset, oneWriter }: Pick<SimDeployment, 'world' | 'dataset' | 'oneWriter'>,
    at: SimSite,
    { disk, votes }: Snapshot,
  ): void {
    const others = [...world.stores.values()].filter((store) => store !== at.store);
    const left = [disk, ...others];
    world.gone.lost(dataset, at.store, left);
    const servers = [...others.map(({ name }) => world.serverOf(name)), witnessServer];
    const voters = [votes, ...servers.map((server) => world.votesOf(server))];
    oneWriter.forget(dataset, newestKnown(dataset, left, voters));
    at.store.replaceDisk(disk);
    world.votesOf(at.server).putBack(votes);
    this.#copies = new Set(disk.copies.values());
  }
}

/** The newest generation of which anybody has heard who is left. */
function newestKnown(
  dataset: DatasetName,
  disks: readonly FakeDisk[],
  voters: readonly Votes[],
): number {
  const decided = disks.map(
    ({ control }) => activeRecordOf([...control.decisions.values()], dataset)?.generation ?? 0,
  );
  const seen = disks.flatMap(({ copies }) => {
    const copy = copies.get(dataset);
    return copy === undefined ? [] : [copy.generationSeen, copy.mountedGeneration];
  });
  const voted = voters.flatMap(({ records }) =>
    [...records.values()].map(({ generation }) => generation),
  );
  return Math.max(0, ...decided, ...seen, ...voted);
}
