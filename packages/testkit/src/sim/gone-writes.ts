import type { DatasetName } from '@understudy/core';
import { copyDisk, type FakeCopy, type FakeDisk } from '@understudy/ports/fake';

/**
 * A disk that goes takes with it what stands on no other. That much is lost to everybody, by no
 * fault of whoever runs what is left; all else has to be accounted for as ever.
 */
export class GoneWrites {
  /** Of each row, values that are gone, with the newest one that was left then. */
  readonly #gone = new Map<string, string | undefined>();

  /** `disk` goes, and `others` are left: also what is put in its place. */
  lost(dataset: DatasetName, disk: FakeDisk, others: readonly FakeDisk[]): void {
    const left = others.map(copyDisk).flatMap((other) => copiesOn(other, dataset));
    for (const { row, value } of copiesOn(disk, dataset).flatMap(writesOf)) {
      if (left.some((copy) => holds(copy, row, value))) continue;
      this.#gone.set(`${row}=${value}`, newestOf(left, row));
    }
  }

  /** The value of `row` that has to be accounted for, where clients were told `newest` of it. */
  newestLeft(row: string, newest: string): string | undefined {
    let value: string | undefined = newest;
    while (value !== undefined && this.#gone.has(`${row}=${value}`)) {
      value = this.#gone.get(`${row}=${value}`);
    }
    return value;
  }

  get size(): number {
    return this.#gone.size;
  }
}

function copiesOn({ copies, setAside }: FakeDisk, dataset: DatasetName): readonly FakeCopy[] {
  return [...copies.values(), ...setAside.values()].filter((copy) => copy.dataset === dataset);
}

/** All that was ever written there: what was overwritten may be the last that was acknowledged. */
function writesOf({ log }: FakeCopy) {
  return log.flatMap(({ change }) => {
    if (change.kind === 'write') return [change];
    return change.kind === 'merge' && change.write !== undefined ? [change.write] : [];
  });
}

function holds({ rows, ledger }: FakeCopy, row: string, value: string): boolean {
  if (rows.get(row) === value) return true;
  return [...ledger.values()].some(({ key, theirs }) => key === row && theirs?.['value'] === value);
}

function newestOf(left: readonly FakeCopy[], row: string): string | undefined {
  return left
    .flatMap(({ rows }) => rows.get(row) ?? [])
    .toSorted()
    .at(-1);
}
