import type {
  ActiveRecord,
  CopyObservation,
  DatasetId,
  DatasetName,
  LedgerPage,
  LedgerQuery,
  Link,
  Lsn,
  OriginPosition,
  Position,
  ResolveLedger,
  Salvage,
  SetAsideDatabase,
  StoreIdentity,
  StoreName,
  VerifyResult,
} from '@understudy/core';
import {
  type DatasetEngine,
  EngineRefusedError,
  type FenceRequest,
  type FollowLink,
  type GateOpened,
  type GateRenewed,
} from '../dataset-engine.ts';
import { FakeCopy, showLsn } from './fake-copy.ts';
import { detach, follow, resume, seed, suspend } from './fake-following.ts';
import {
  awaitMarker,
  beat,
  type FakeWrite,
  fence,
  mount,
  readGateClock,
  renew,
  write,
} from './fake-gate.ts';
import { lookAtCopy } from './fake-look.ts';
import { type FakeParts, requireCopy } from './fake-parts.ts';
import { readLedger, resolveLedger } from './fake-ledger.ts';
import { salvage } from './fake-salvage.ts';
import { dropSetAside, setAside } from './fake-set-aside.ts';
import type { FakeStore } from './fake-store.ts';
import { flushApplied, goOnWithoutCopy, waitForCopy } from './fake-sync.ts';
import { verify } from './fake-verify.ts';
import { advanceWayBack, dropLinks, prepareWayBack } from './fake-way-back.ts';

/** The dataset engine of a fake store: the same contract, in memory, on a simulated clock. */
export class FakeEngine implements DatasetEngine {
  readonly store: StoreName;
  /** A test that brings out a new release raises it. */
  migrationNewest = 1;
  readonly #parts: FakeParts;

  constructor(on: FakeStore, others: () => Iterable<FakeStore>) {
    this.#parts = { on, others, newest: () => this.migrationNewest };
    this.store = on.name;
  }

  async identify(): Promise<StoreIdentity> {
    const { on } = this.#parts;
    await on.reach();
    const { store } = this;
    const { systemIdentifier, timeline } = on;
    const about = { store, systemIdentifier, timeline, version: 180_004 };
    // Without E10 it looks the same whatever became of it.
    const seen = on.faults.has('E10') ? { lsn: 0, start: 1, startLsn: 0 } : on;
    const start = { startedAt: `${seen.start}`, lsn: showLsn(seen.startLsn) };
    return { ...about, flushedLsn: showLsn(seen.lsn), start };
  }

  async observe(only?: DatasetName): Promise<readonly CopyObservation[]> {
    const { on } = this.#parts;
    await on.reach();
    const readable = [...on.copies.values()].filter(({ isUnreadable }) => !isUnreadable);
    const seen = readable.map((copy) => lookAtCopy(on, copy));
    return only === undefined ? seen : seen.filter(({ dataset }) => dataset === only);
  }

  async listDatasets(): Promise<readonly DatasetName[]> {
    await this.#parts.on.reach();
    return [...this.#parts.on.copies.keys()];
  }

  async listSetAside(): Promise<readonly SetAsideDatabase[]> {
    await this.#parts.on.reach();
    return [...this.#parts.on.setAside].map(([database, { dataset, asideAs }]) => ({
      database,
      dataset,
      ...(asideAs && { salvage: asideAs.salvage }),
    }));
  }

  async create({ dataset, id }: { dataset: DatasetName; id: DatasetId }): Promise<void> {
    const { on } = this.#parts;
    await on.reach();
    const known = on.copies.get(dataset);
    if (known?.id === id) return;
    if (known) throw new EngineRefusedError(`${dataset} exists on ${this.store} with another id`);
    const copy = new FakeCopy(dataset, id, true);
    copy.migration = this.migrationNewest;
    on.copies.set(dataset, copy);
  }

  seed(order: { id: DatasetId; link: Link }): Promise<void> {
    return seed(this.#parts, order);
  }

  follow(order: FollowLink): Promise<void> {
    return follow(this.#parts, order);
  }

  suspend(dataset: DatasetName): Promise<void> {
    return suspend(this.#parts, dataset);
  }

  resume(dataset: DatasetName): Promise<void> {
    return resume(this.#parts, dataset);
  }

  detach(order: Parameters<typeof detach>[1]): Promise<OriginPosition | undefined> {
    return detach(this.#parts, order);
  }

  prepareWayBack(link: Link, timeoutMs: number): Promise<void> {
    return prepareWayBack(this.#parts, link, timeoutMs);
  }

  advanceWayBack(link: Link, upTo?: Lsn): Promise<void> {
    return advanceWayBack(this.#parts, link, upTo);
  }

  dropLinks(dataset: DatasetName, keep: readonly Link[]): Promise<void> {
    return dropLinks(this.#parts, dataset, keep);
  }

  async refuseFollowers(dataset: DatasetName): Promise<void> {
    (await requireCopy(this.#parts, dataset)).refusesFollowers = true;
  }

  async admitFollowers(dataset: DatasetName): Promise<void> {
    (await requireCopy(this.#parts, dataset)).refusesFollowers = false;
  }

  readGateClock(dataset: DatasetName): Promise<number> {
    return readGateClock(this.#parts, dataset);
  }

  mount(order: Parameters<typeof mount>[1]): Promise<GateOpened> {
    return mount(this.#parts, order);
  }

  renew(order: Parameters<typeof renew>[1]): Promise<GateRenewed | undefined> {
    return renew(this.#parts, order);
  }

  beat(order: Parameters<typeof beat>[1]): Promise<boolean> {
    return beat(this.#parts, order);
  }

  fence(order: FenceRequest): Promise<Position> {
    return fence(this.#parts, order);
  }

  waitForCopy(order: Parameters<typeof waitForCopy>[1]): Promise<boolean> {
    return waitForCopy(this.#parts, order);
  }

  goOnWithoutCopy(order: Parameters<typeof goOnWithoutCopy>[1]): Promise<void> {
    return goOnWithoutCopy(this.#parts, order);
  }

  flushApplied(dataset: DatasetName, isFlushing: boolean): Promise<void> {
    return flushApplied(this.#parts, dataset, isFlushing);
  }

  awaitMarker(order: Parameters<typeof awaitMarker>[1]): Promise<Position> {
    return awaitMarker(this.#parts, order);
  }

  setAside(order: Parameters<typeof setAside>[1]): Promise<string> {
    return setAside(this.#parts, order);
  }

  salvage(order: Parameters<typeof salvage>[1]): Promise<Salvage> {
    return salvage(this.#parts, order);
  }

  dropSetAside(order: Parameters<typeof dropSetAside>[1]): Promise<void> {
    return dropSetAside(this.#parts, order);
  }

  readLedger(dataset: DatasetName, query: LedgerQuery): Promise<LedgerPage> {
    return readLedger(this.#parts, dataset, query);
  }

  resolveLedger(order: ResolveLedger): Promise<number> {
    return resolveLedger(this.#parts, order);
  }

  verify(order: {
    dataset: DatasetName;
    record: ActiveRecord;
    findingsMax: number;
    timeoutMs: number;
  }): Promise<VerifyResult> {
    return verify(this.#parts, order);
  }

  async migrate(dataset: DatasetName): Promise<number> {
    const copy = await requireCopy(this.#parts, dataset);
    copy.migration = Math.max(copy.migration, this.migrationNewest);
    return this.migrationNewest;
  }

  async roleUrl(dataset: DatasetName): Promise<string> {
    return `fake://${this.store}/${dataset}`;
  }

  async readerUrl(dataset: DatasetName): Promise<string> {
    return `fake-reader://${this.store}/${dataset}`;
  }

  /**
   * A role's write transaction: enters the gate, takes `tookMs`, checks again in its COMMIT (E3,
   * E4). Resolves when it is durable; throws EngineRefusedError when it is not, StoreDownError when
   * that is unknown.
   */
  write(order: FakeWrite): Promise<void> {
    return write(this.#parts, order);
  }

  /** What stands in a row of the copy here, mounted or not. */
  async read(dataset: DatasetName, row: string): Promise<string | undefined> {
    return (await requireCopy(this.#parts, dataset)).rows.get(row);
  }
}
