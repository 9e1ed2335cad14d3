import {
  type ActiveRecord,
  type AgentReport,
  type DatasetName,
  type Decision,
  type Generation,
  type HandOnAnswer,
  type JournalLine,
  nextGeneration,
  type Order,
  type OrderReport,
  type PoolName,
  poolRecordOf,
  type RefusalCode,
  type RoutingGroupName,
  type RunId,
  type RunRow,
  type ServerName,
  type SetAsideDatabase,
  type StoreName,
  seedLink,
  setAsideName,
  standingLink,
  wayBackLinks,
  activeRecordOf,
} from '@understudy/core';
import { aReport } from '@understudy/core/testing';
import {
  type AgentClient,
  AgentUnreachableError,
  type Decided,
  OrderRefusedError,
  type Taken,
} from '@understudy/ports';
import type { FakeControlStore } from '@understudy/ports/fake';
import type { World } from './world.ts';
import { reportOf, type WorldCopy, worldCopy } from './world-copy.ts';
import { obeyInWorld } from './obey-in-world.ts';

/** A database that was set aside, with what it holds; one of an earlier release tells nothing. */
export type SetAsideInWorld = SetAsideDatabase & { readonly copy?: WorldCopy };

/** One agent of the harness' world: it obeys as the real one must, and asserts nothing itself. */
export class WorldAgent implements AgentClient {
  readonly world: World;
  readonly server: ServerName;
  readonly store: StoreName;
  readonly control: FakeControlStore;
  readonly copies = new Map<DatasetName, WorldCopy>();
  readonly groups = new Map<PoolName, readonly RoutingGroupName[]>();
  readonly setAside: SetAsideInWorld[] = [];
  /** Attempts of a run whose switch of a dataset was aborted here (E1). */
  readonly aborted = new Map<string, number>();

  constructor(
    world: World,
    server: ServerName,
    { store, control }: { readonly store: StoreName; readonly control: FakeControlStore },
  ) {
    this.world = world;
    this.server = server;
    this.store = store;
    this.control = control;
  }

  async report(): Promise<AgentReport> {
    this.#answer();
    const decisions = await this.control.readDecisions();
    const stores = this.world.topology.stores.map(({ name }) => name);
    const copies = [...this.copies.values()].map((copy) => {
      const record = activeRecordOf(decisions, copy.dataset);
      return reportOf(copy, record ? wayBackLinks(record, copy.store, stores) : []);
    });
    const pools = [...this.groups].map(([pool, groups]) => ({
      pool,
      isServing: poolRecordOf(decisions, pool)?.serving !== undefined,
      groups,
    }));
    const rows = await this.control.readRuns();
    const site = this.world.topology.servers.find(({ name }) => name === this.server)?.site;
    return aReport({
      server: this.server,
      ...(site === undefined ? {} : { site }),
      stores: [{ store: this.store, isUp: true, datasets: [...this.copies.keys()] }],
      copies,
      decisions,
      roles: [{ role: 'registrar', isUp: true, pools }],
      runs: rows,
      setAside: this.setAside.map(({ copy: _, ...each }) => ({ store: this.store, ...each })),
    });
  }

  async obey(order: Order): Promise<OrderReport> {
    this.#answer();
    this.world.write();
    await this.#refuseOld(order);
    return obeyInWorld(this, order);
  }

  async #refuseOld({ run, attempt }: Pick<Order, 'run' | 'attempt'>): Promise<void> {
    const isFresh = await this.control.recordAttempt(run, attempt);
    if (!isFresh) this.refuse('staleAttempt', `attempt ${attempt} is an old one`);
  }

  async decide(
    next: Decision,
    expected: Generation | undefined,
    by?: Pick<Order, 'run' | 'attempt'>,
  ): Promise<Decided> {
    this.#answer();
    if (by !== undefined) await this.#refuseOld(by);
    return this.control.decide(next, expected);
  }

  async learn(decisions: readonly Decision[]): Promise<void> {
    this.#answer();
    return this.control.learn(decisions);
  }

  async takeRun(row: RunRow, expected: number | undefined): Promise<Taken> {
    this.#answer();
    const taken = await this.control.takeRun(row, expected);
    if (taken.isDone) await this.control.recordAttempt(row.id, row.attempt);
    return taken;
  }

  async saveRun(row: RunRow): Promise<Taken> {
    this.#answer();
    return this.control.saveRun(row);
  }

  async readRuns(): Promise<readonly RunRow[]> {
    this.#answer();
    return this.control.readRuns();
  }

  async appendJournal(lines: readonly JournalLine[]): Promise<boolean> {
    this.#answer();
    return this.control.appendJournal(lines);
  }

  async readJournal(run: RunId): Promise<readonly JournalLine[]> {
    this.#answer();
    return this.control.readJournal(run);
  }

  /** A pool of this world has one server, so nobody is handed anything. */
  async handOn(): Promise<HandOnAnswer> {
    this.#answer();
    return { life: this.server, number: 0, mounts: [] };
  }
  /** Nothing is ever queued in this world: no step of a runbook asks for it. */
  readonly readQueued = async () => ({ changes: [], bindings: [] });
  readonly clearQueued = async () => {};

  /** Nobody votes in the harness. */
  vote(): Promise<never> {
    return this.refuse('notHere', `${this.server} does not vote`);
  }

  refuse(code: RefusalCode, why: string): never {
    throw new OrderRefusedError(this.server, { code, why });
  }

  copy(dataset: DatasetName): WorldCopy {
    return this.copies.get(dataset) ?? this.refuse('notHere', `no ${dataset} on ${this.store}`);
  }

  /** A mount of the same store again first raises the generation everywhere (E1). */
  async mountAgain(copy: WorldCopy, record: ActiveRecord): Promise<void> {
    const next = { ...record, generation: nextGeneration(record.generation) };
    const decided = await this.control.decide(next, record.generation);
    if (!decided.isDone) return;
    for (const other of this.world.agents) {
      if (other !== this && !this.world.off.has(other.server)) await other.control.learn([next]);
    }
    this.world.openGate(copy, next);
  }

  async mountIfMine(dataset: DatasetName, record: ActiveRecord): Promise<void> {
    const copy = this.copies.get(dataset);
    if (this.world.off.has(this.server) || copy === undefined || copy.isMounted) return;
    const isGivenAway = copy.handedOver !== undefined && copy.handedOver.generation >= record.since;
    if (record.active !== this.store || isGivenAway) return;
    await this.mountAgain(copy, record);
  }

  followIfPassive(dataset: DatasetName, record: ActiveRecord): void {
    const copy = this.copies.get(dataset);
    if (copy === undefined || copy.isMounted || copy.isDiverged) return;
    if (record.active === this.store || this.world.off.has(this.server)) return;
    copy.following ??= standingLink(record, this.store) ?? seedLink(record, this.store);
  }

  keepAside(copy: WorldCopy): void {
    const { dataset, mountedGeneration } = copy;
    const first = setAsideName(dataset, mountedGeneration);
    const taken = new Set(this.setAside.map(({ database }) => database));
    let database = first;
    for (let number = 2; taken.has(database); number++) database = `${first}_${number}`;
    const salvage = `${this.store} ${database}`;
    this.setAside.push({ database, dataset, salvage, copy });
    this.copies.set(copy.dataset, worldCopy(copy.dataset, copy.store));
  }

  #answer(): void {
    if (!this.world.off.has(this.server)) return;
    throw new AgentUnreachableError(`${this.server} does not answer`);
  }
}
