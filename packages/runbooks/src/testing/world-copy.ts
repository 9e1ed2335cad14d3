import {
  type CopyReport,
  type DatasetName,
  type Generation,
  type HandedOver,
  type Link,
  noGeneration,
  type StoreName,
} from '@understudy/core';
import { aCopyReport } from '@understudy/core/testing';

/** One copy in the harness' world: gates, markers, links and rows, and nothing else. */
export type WorldCopy = {
  readonly dataset: DatasetName;
  readonly store: StoreName;
  isMounted: boolean;
  mountedGeneration: Generation;
  /** Everything that was ever written here or has arrived here, by write number. */
  rows: ReadonlySet<number>;
  /** Set-aside databases whose whole ledger is here. */
  ledger: ReadonlySet<string>;
  following: Link | undefined;
  handedOver: HandedOver | undefined;
  marker:
    | { readonly generation: Generation; readonly run: string; readonly attempt: number }
    | undefined;
  origin: { readonly from: StoreName; readonly generation: Generation } | undefined;
  isDiverged: boolean;
  verifiedAt: Generation | undefined;
};

export function worldCopy(dataset: DatasetName, store: StoreName): WorldCopy {
  return {
    dataset,
    store,
    isMounted: false,
    mountedGeneration: noGeneration,
    rows: new Set(),
    ledger: new Set(),
    following: undefined,
    handedOver: undefined,
    marker: undefined,
    origin: undefined,
    isDiverged: false,
    verifiedAt: undefined,
  };
}

/** The copy as its agent would report it. */
export function reportOf(copy: WorldCopy, wayBack: readonly Link[]): CopyReport {
  const { following: theirs, ...plain } = aCopyReport();
  const { following: link, origin, verifiedAt } = copy;
  const { lsn } = { lsn: plain.writtenLsn };
  return {
    ...plain,
    dataset: copy.dataset,
    store: copy.store,
    state: stateOf(copy),
    why: 'the harness says so',
    generationSeen: copy.mountedGeneration,
    mountedGeneration: copy.mountedGeneration,
    gate: { isOpen: copy.isMounted, generation: copy.mountedGeneration, validUntilMs: 0 },
    slots: plain.slots.flatMap((slot) => wayBack.map((each) => ({ ...slot, link: each }))),
    ...(link === undefined || theirs === undefined ? {} : { following: { ...theirs, link } }),
    ...(copy.handedOver === undefined ? {} : { handedOver: copy.handedOver }),
    ...(origin === undefined ? {} : { origin: { ...origin, lsn } }),
    ...(verifiedAt === undefined ? {} : { verified: verified(verifiedAt) }),
  };
}

function stateOf(copy: WorldCopy): CopyReport['state'] {
  const { isMounted, isDiverged, following, handedOver, store } = copy;
  if (isMounted) return 'mounted';
  if (isDiverged) return 'diverged';
  if (following !== undefined) return 'healthy';
  // It handed over to another store, and does not follow that yet.
  const isLeft = handedOver !== undefined && handedOver.target !== store;
  return isLeft ? 'disconnected' : 'dismounted';
}

function verified(generation: Generation) {
  return { atMs: 0, generation, tables: 1, rows: 1, differences: [] };
}
