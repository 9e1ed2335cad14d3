import type { DatasetName } from '@understudy/core';
import { FakeControlData } from './fake-control-data.ts';
import { FakeCopy } from './fake-copy.ts';

/** What the disk of a fake store holds: all that a start of its PostgreSQL finds. */
export type FakeDisk = {
  readonly systemIdentifier: string;
  readonly timeline: number;
  readonly lsn: number;
  readonly copies: Map<DatasetName, FakeCopy>;
  readonly setAside: Map<string, FakeCopy>;
  readonly control: FakeControlData;
};

/** Another disk with the same on it, as a crash at this instant would leave it. */
export function copyDisk(disk: FakeDisk): FakeDisk {
  return {
    systemIdentifier: disk.systemIdentifier,
    timeline: disk.timeline,
    lsn: disk.lsn,
    copies: mapOf(disk.copies, crashed),
    setAside: mapOf(disk.setAside, crashed),
    control: copyControl(disk.control),
  };
}

/**
 * What a recovery to a point in time makes of a base backup and the archive: a new timeline, and no
 * slots, which base backups leave out (documentation, 54.4, BASE_BACKUP: pg_replslot).
 */
export function recoveredTo(disk: FakeDisk): FakeDisk {
  const recovered = copyDisk(disk);
  for (const copy of [...recovered.copies.values(), ...recovered.setAside.values()]) {
    copy.slots.clear();
  }
  return { ...recovered, timeline: disk.timeline + 1 };
}

/** A new one in its place. Its log goes on where the old one ended, so no place comes twice. */
export function newDisk({ systemIdentifier, lsn }: FakeDisk): FakeDisk {
  return {
    systemIdentifier: `${systemIdentifier}-new`,
    timeline: 1,
    lsn,
    copies: new Map(),
    setAside: new Map(),
    control: new FakeControlData(),
  };
}

/** One like `copy` without what a crash takes: its gate, who is inside, what was not flushed. */
function crashed(copy: FakeCopy): FakeCopy {
  const { dataset, id, isWhole, subscription } = copy;
  const other = Object.assign(new FakeCopy(dataset, id, isWhole), copy, {
    gate: undefined,
    inside: new Set(),
    isFencing: false,
    subscription: subscription && { ...subscription },
    origins: [...copy.origins],
    publications: new Set(copy.publications),
    slots: mapOf(copy.slots, (slot) => ({ ...slot })),
    rows: new Map(copy.rows),
    salvages: new Map(copy.salvages),
    ledger: new Map(copy.ledger),
    log: [...copy.log],
  });
  other.loseUnflushed();
  other.loseAdvances();
  return other;
}

/** Its rows are replaced and never changed. */
function copyControl(control: FakeControlData): FakeControlData {
  const { decisions, runs, journal, identities, attempts } = control;
  return Object.assign(new FakeControlData(), {
    decisions: new Map(decisions),
    runs: new Map(runs),
    journal: new Map(journal),
    identities: new Map(identities),
    attempts: new Map(attempts),
  });
}

function mapOf<Key, Value>(
  values: ReadonlyMap<Key, Value>,
  change: (value: Value) => Value,
): Map<Key, Value> {
  return new Map([...values].map(([key, value]) => [key, change(value)]));
}
