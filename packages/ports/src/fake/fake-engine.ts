import {
  type ActiveRecord,
  asGeneration,
  type CopyObservation,
  type DatasetId,
  type DatasetName,
  type FenceMarker,
  type Generation,
  type Link,
  linkName,
  type OriginPosition,
  type Position,
  type StoreIdentity,
  type StoreName,
  setAsideName,
  type VerifyResult,
} from '@understudy/core';
import { TimedOutError } from '../clock.ts';
import {
  type DatasetEngine,
  EngineRefusedError,
  type FenceRequest,
  type GateOpened,
} from '../dataset-engine.ts';
import { FakeCopy, type FakeSubscription, showLsn } from './fake-copy.ts';
import { lookAtCopy } from './fake-look.ts';
import { type FakeStore, findSlot } from './fake-store.ts';
import { compareRows } from './fake-verify.ts';

const pollMs = 2;

/** The dataset engine of a fake store: the same contract, in memory, on a simulated clock. */
export class FakeEngine implements DatasetEngine {
  readonly store: StoreName;
  readonly migrationNewest = 1;
  readonly #on: FakeStore;
  readonly #others: () => Iterable<FakeStore>;

  constructor(on: FakeStore, others: () => Iterable<FakeStore>) {
    this.#on = on;
    this.#others = others;
    this.store = on.name;
  }

  async identify(): Promise<StoreIdentity> {
    await this.#on.reach();
    const { systemIdentifier, lsn } = this.#on;
    const flushedLsn = showLsn(lsn);
    return { store: this.store, systemIdentifier, timeline: 1, flushedLsn, version: 180_004 };
  }

  async observe(only?: DatasetName): Promise<readonly CopyObservation[]> {
    await this.#on.reach();
    const seen = [...this.#on.copies.values()].map((copy) => lookAtCopy(this.#on, copy));
    return only === undefined ? seen : seen.filter(({ dataset }) => dataset === only);
  }

  async listSetAside(): Promise<readonly string[]> {
    await this.#on.reach();
    return [...this.#on.setAside.keys()];
  }

  async create({ dataset, id }: { dataset: DatasetName; id: DatasetId }): Promise<void> {
    await this.#on.reach();
    const known = this.#on.copies.get(dataset);
    if (known?.id === id) return;
    if (known) throw new EngineRefusedError(`${dataset} exists on ${this.store} with another id`);
    this.#on.copies.set(dataset, new FakeCopy(dataset, id));
  }

  async seed({ id, link }: { id: DatasetId; link: Link }): Promise<void> {
    await this.#on.reach();
    const known = this.#on.copies.get(link.dataset);
    if (known?.subscription && linkName(known.subscription.link) === linkName(link)) return;
    if (known)
      throw new EngineRefusedError(`${link.dataset} exists on ${this.store}: set aside first`);
    const { source, theirs } = this.#sourceOf(link);
    theirs.publications.add(linkName(link));
    const confirmed = source.lsn;
    theirs.slots.set(linkName(link), { link, confirmed, isLost: false });
    const copy = new FakeCopy(link.dataset, id);
    this.#on.copies.set(link.dataset, copy);
    this.#subscribe(copy, link, { isCopied: false, applied: confirmed });
  }

  async follow({ id, link }: { id: DatasetId; link: Link }): Promise<void> {
    const copy = await this.#copy(link.dataset);
    if (copy.id !== id) throw new EngineRefusedError(`${link.dataset} here has another id`);
    if (copy.subscription) {
      if (linkName(copy.subscription.link) === linkName(link)) return;
      throw new EngineRefusedError(`${link.dataset} follows ${linkName(copy.subscription.link)}`);
    }
    const found = findSlot(this.#sourceOf(link).source, link);
    if (!found) throw new EngineRefusedError(`slot ${linkName(link)} is gone`);
    this.#subscribe(copy, link, { isCopied: true, applied: found.slot.confirmed });
  }

  async suspend(dataset: DatasetName): Promise<void> {
    const { subscription } = await this.#copy(dataset);
    if (subscription) subscription.isEnabled = false;
  }

  async resume(dataset: DatasetName): Promise<void> {
    const copy = await this.#copy(dataset);
    if (copy.subscription) copy.subscription.isEnabled = true;
    this.#on.wake(copy);
  }

  async detach(order: {
    dataset: DatasetName;
    generation: Generation;
    timeoutMs: number;
  }): Promise<OriginPosition | undefined> {
    const copy = await this.#copy(order.dataset);
    const { subscription } = copy;
    if (!subscription) return copy.origin;
    subscription.isEnabled = false;
    if (this.#on.faults.has('E9')) this.#on.applyLate(copy, subscription);
    else await this.#workerGone(subscription, order.timeoutMs);
    if (copy.subscription !== subscription) return copy.origin;
    copy.flush();
    const { link, applied } = subscription;
    const lsn = this.#on.faults.has('A1') ? 0 : applied;
    copy.origin = { from: link.from, generation: order.generation, lsn: showLsn(lsn) };
    const of = this.#on.world.storeNamed(link.from)?.copies.get(order.dataset);
    if (of) copy.origins.push({ from: link.from, of, lsn });
    copy.subscription = undefined;
    return copy.origin;
  }

  async prepareWayBack(link: Link): Promise<void> {
    const copy = await this.#copy(link.dataset);
    copy.publications.add(linkName(link));
    if (copy.slots.has(linkName(link))) return;
    copy.slots.set(linkName(link), { link, confirmed: this.#on.lsn, isLost: false });
  }

  async advanceWayBack(link: Link): Promise<void> {
    const copy = await this.#copy(link.dataset);
    if (this.#isOpen(copy)) return;
    const slot = copy.slots.get(linkName(link));
    if (slot) slot.confirmed = this.#on.lsn;
  }

  async dropLinks(dataset: DatasetName, keep: readonly Link[]): Promise<void> {
    const copy = await this.#copy(dataset);
    if (this.#on.faults.has('E2')) return;
    const kept = new Set(keep.map(linkName));
    for (const name of copy.slots.keys()) if (!kept.has(name)) copy.slots.delete(name);
    for (const name of copy.publications) if (!kept.has(name)) copy.publications.delete(name);
  }

  async mount(order: {
    dataset: DatasetName;
    generation: Generation;
    holder: string;
    validForMs: number;
  }): Promise<GateOpened> {
    const copy = await this.#copy(order.dataset);
    const { generation } = order;
    if (copy.gate?.generation === generation && this.#isOpen(copy)) return copy.gate;
    if (copy.subscription) throw new EngineRefusedError(`${order.dataset} is not detached`);
    if (generation <= copy.mountedGeneration || generation < copy.generationSeen) {
      throw new EngineRefusedError(
        `generation ${generation} is not above ${copy.mountedGeneration}, mounted here before`,
      );
    }
    copy.generationSeen = generation;
    copy.mountedGeneration = generation;
    copy.handedOver = undefined;
    const validUntilMs = this.#on.world.clock.bootMs() + order.validForMs;
    copy.gate = { generation, holder: order.holder, start: this.#on.start, validUntilMs };
    return { validUntilMs };
  }

  async renew(order: {
    dataset: DatasetName;
    generation: Generation;
    validForMs: number;
  }): Promise<GateOpened | undefined> {
    const { gate } = await this.#copy(order.dataset);
    if (gate?.generation !== order.generation || gate.start !== this.#on.start) return undefined;
    const until = this.#on.world.clock.bootMs() + order.validForMs;
    gate.validUntilMs = Math.max(gate.validUntilMs, until);
    return { validUntilMs: gate.validUntilMs };
  }

  async beat(order: { dataset: DatasetName; generation: Generation }): Promise<boolean> {
    const copy = await this.#copy(order.dataset);
    if (!this.#isOpen(copy) || copy.gate?.generation !== order.generation || copy.isFencing) {
      return false;
    }
    const number = (copy.heartbeat?.number ?? 0) + 1;
    const { writes } = copy;
    const { generation } = order;
    this.#commit(copy, {
      kind: 'heartbeat',
      heartbeat: { generation, number, writes, tablesHash: fakeTablesHash, migration: 1 },
    });
    return true;
  }

  async fence(order: FenceRequest): Promise<Position> {
    const copy = await this.#copy(order.dataset);
    const { generation, handOver } = order;
    const done = copy.handedOver;
    if (done && done.run === handOver?.run && done.attempt === handOver.attempt) {
      return { generation, lsn: showLsn(this.#on.lsn) };
    }
    // The same hand-over, taken up under a higher attempt: nobody wrote in between.
    const isAgain = done !== undefined && done.run === handOver?.run;
    const isShut = handOver !== undefined && copy.gate === undefined && !isAgain;
    if (copy.mountedGeneration !== generation || isShut) {
      throw new EngineRefusedError(`${order.dataset} is not mounted at generation ${generation}`);
    }
    await this.#emptyGate(copy, order.drainMs);
    if (handOver) {
      const { run, attempt } = handOver;
      const marker = { dataset: order.dataset, generation, run, attempt };
      this.#commit(copy, {
        kind: 'marker',
        marker: { ...marker, tablesHash: fakeTablesHash, migration: 1 },
      });
      copy.handedOver = { generation, ...handOver };
    }
    copy.gate = undefined;
    copy.isFencing = false;
    return { generation, lsn: showLsn(this.#on.lsn) };
  }

  async awaitMarker({
    marker,
    timeoutMs,
  }: {
    marker: Omit<FenceMarker, 'tablesHash' | 'migration'>;
    timeoutMs: number;
  }): Promise<Position> {
    const { clock } = this.#on.world;
    const untilMs = clock.bootMs() + timeoutMs;
    for (;;) {
      const copy = await this.#copy(marker.dataset);
      if (copy.marker && (this.#on.faults.has('E1') || isMarker(copy.marker, marker))) {
        copy.flush();
        return { generation: marker.generation, lsn: showLsn(copy.subscription?.applied ?? 0) };
      }
      if (clock.bootMs() >= untilMs) {
        throw new TimedOutError(`the fence marker of ${marker.dataset} did not arrive`);
      }
      await clock.sleep(pollMs);
    }
  }

  async setAside(order: { dataset: DatasetName; generation: Generation }): Promise<string> {
    await this.#on.reach();
    const name = setAsideName(order.dataset, order.generation);
    const copy = this.#on.copies.get(order.dataset);
    if (!copy) {
      if (this.#on.setAside.has(name)) return name;
      throw new EngineRefusedError(`there is no copy of ${order.dataset} on ${this.store}`);
    }
    if (this.#isOpen(copy)) throw new EngineRefusedError(`${order.dataset} is mounted`);
    copy.subscription = undefined;
    copy.gate = undefined;
    this.#on.copies.delete(order.dataset);
    this.#on.setAside.set(name, copy);
    return name;
  }

  async verify(order: {
    dataset: DatasetName;
    record: ActiveRecord;
    findingsMax: number;
  }): Promise<VerifyResult> {
    const copy = await this.#copy(order.dataset);
    if (!copy.subscription) throw new EngineRefusedError(`${order.dataset} follows nobody here`);
    const { theirs } = this.#sourceOf(copy.subscription.link);
    const differences = compareRows(theirs.rowsAt(copy.subscription.applied), copy.rows);
    copy.verified = {
      atMs: this.#on.world.clock.nowMs(),
      generation: order.record.generation,
      tables: 1,
      rows: copy.rows.size,
      differences: differences.slice(0, order.findingsMax),
    };
    return copy.verified;
  }

  async migrate(dataset: DatasetName): Promise<number> {
    await this.#copy(dataset);
    return this.migrationNewest;
  }

  async roleUrl(dataset: DatasetName): Promise<string> {
    return `fake://${this.store}/${dataset}`;
  }

  /**
   * A role's write transaction: enters the gate, takes `tookMs`, checks again in its COMMIT (E3,
   * E4). Resolves when it is durable; throws EngineRefusedError or StoreDownError when it is not.
   */
  async write(order: {
    dataset: DatasetName;
    generation: number;
    row: string;
    value: string;
    tookMs: number;
  }): Promise<void> {
    const copy = await this.#copy(order.dataset);
    const generation = asGeneration(order.generation);
    if (copy.isFencing) throw new EngineRefusedError('the gate is closing');
    this.#checkGate(copy, generation);
    const writer = { isKilled: false };
    if (!this.#on.faults.has('E3')) copy.inside.add(writer);
    if (order.tookMs > 0) await this.#on.world.clock.sleep(order.tookMs);
    copy.inside.delete(writer);
    if (writer.isKilled) throw new EngineRefusedError('the session was ended by a fence');
    await this.#on.reach();
    if (!this.#on.faults.has('E3')) this.#checkGate(copy, generation);
    this.#commit(copy, { kind: 'write', row: order.row, value: order.value });
    this.#on.world.committed?.({ dataset: order.dataset, store: this.store, generation });
  }

  async #workerGone(subscription: FakeSubscription, timeoutMs: number): Promise<void> {
    const { clock } = this.#on.world;
    const untilMs = clock.bootMs() + timeoutMs;
    while (subscription.isApplying) {
      if (clock.bootMs() >= untilMs) throw new TimedOutError('the apply worker did not end');
      await clock.sleep(pollMs);
      await this.#on.reach();
    }
  }

  /** Lets writers finish for `drainMs`, then ends them; nobody new comes in meanwhile. */
  async #emptyGate(copy: FakeCopy, drainMs: number): Promise<void> {
    const { clock } = this.#on.world;
    const untilMs = clock.bootMs() + drainMs;
    const { start } = this.#on;
    copy.isFencing = true;
    while (copy.inside.size > 0 && clock.bootMs() < untilMs) await clock.sleep(pollMs);
    if (!this.#on.isUp || this.#on.start !== start) await this.#on.reach();
    if (this.#on.start !== start) throw new EngineRefusedError('the store was restarted');
    for (const writer of copy.inside) writer.isKilled = true;
    copy.inside.clear();
  }

  #checkGate(copy: FakeCopy, generation: Generation): void {
    if (copy.gate?.generation !== generation || !this.#isOpen(copy)) {
      throw new EngineRefusedError(`the gate of ${copy.dataset} is shut for ${generation}`);
    }
  }

  #isOpen({ gate }: FakeCopy): boolean {
    if (gate === undefined || gate.start !== this.#on.start) return false;
    return gate.validUntilMs > this.#on.world.clock.bootMs();
  }

  #commit(copy: FakeCopy, change: Parameters<FakeCopy['commit']>[1]): void {
    copy.commit(this.#on.nextLsn(), change);
    this.#on.announce(copy, this.#others());
  }

  #subscribe(copy: FakeCopy, link: Link, at: { isCopied: boolean; applied: number }): void {
    const { isCopied, applied } = at;
    copy.subscription = {
      link,
      isEnabled: true,
      isCopied,
      applied,
      flushed: applied,
      isApplying: false,
    };
    this.#on.wake(copy);
  }

  async #copy(dataset: DatasetName): Promise<FakeCopy> {
    await this.#on.reach();
    const copy = this.#on.copies.get(dataset);
    if (!copy) throw new EngineRefusedError(`there is no copy of ${dataset} on ${this.store}`);
    return copy;
  }

  #sourceOf(link: Link): { source: FakeStore; theirs: FakeCopy } {
    const source = this.#on.world.storeNamed(link.from);
    if (!source?.isUp || !this.#on.world.canReach(this.store, link.from)) {
      throw new EngineRefusedError(`store ${link.from} does not answer`);
    }
    const theirs = source.copies.get(link.dataset);
    if (!theirs) throw new EngineRefusedError(`${link.from} has no copy of ${link.dataset}`);
    return { source, theirs };
  }
}

/** The fake has one table list for ever. */
export const fakeTablesHash = 'tables-1';

function isMarker(
  seen: FenceMarker,
  wanted: Omit<FenceMarker, 'tablesHash' | 'migration'>,
): boolean {
  const { generation, run, attempt } = wanted;
  return seen.generation === generation && seen.run === run && seen.attempt === attempt;
}
